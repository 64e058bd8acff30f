import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import { labelOf } from '../capability/descriptor.js';
import { KINDS } from '../capability/kinds/index.js';
import { LifecycleError } from '../errors/index.js';
import type { Plugin, TakenName } from '../plugin/plugin.js';

/** A generation of a plugin. Each has its own names, so the next generation may use the same ones. */
type Owner = Pick<Plugin, 'id' | 'declared'>;

const THIS_PLUGIN = 'this same plugin';

/** Which generation has which names. */
export class NameTable {
  readonly #taken = new Map<Owner, Set<string>>();
  readonly #reservedCommands: ReadonlySet<string>;

  /** `reservedCommands` are the host's own commands, case-insensitive. */
  constructor(reservedCommands: readonly string[] = []) {
    this.#reservedCommands = new Set(reservedCommands.map((name) => name.toLowerCase()));
  }

  /** @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE if the plugin may not have the name */
  check(owner: Owner, kind: CapabilityKind, name: string): void {
    const { id: pluginId, declared } = owner;
    const { expected, accepts } = KINDS[kind].names;
    if (!accepts(name)) {
      const fields = { kind, capabilityName: name, member: 'name', expected, found: JSON.stringify(name) };
      throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId });
    }
    if (declared !== undefined && declared[`${kind}s`]?.includes(name) !== true) {
      throw new LifecycleError('ERR_CAPABILITY_UNDECLARED', { kind, capabilityName: name }, { pluginId });
    }
    const winner = this.#ownerOf(kind, name, owner);
    if (winner !== undefined) throw new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind, capabilityName: name, winner }, { pluginId });
  }

  take(owner: Owner, kind: CapabilityKind, name: string): void {
    const names = this.#taken.get(owner) ?? new Set();
    this.#taken.set(owner, names.add(labelOf({ kind, name })));
  }

  /** Releases all of its names. */
  giveBack(owner: Owner): void {
    this.#taken.delete(owner);
  }

  /** The names that the plugin declares but another plugin or the host already has. */
  takenFrom(owner: Owner): readonly TakenName[] {
    return declaredBy(owner).flatMap(({ kind, name }) => {
      const winner = this.#ownerOf(kind, name, owner);
      return winner === undefined || winner === THIS_PLUGIN ? [] : [{ kind, name, winner }];
    });
  }

  /** The names that it has: `tool forecast` … */
  takenBy(owner: Owner): readonly string[] {
    return [...(this.#taken.get(owner) ?? [])];
  }

  /** The names that the plugin declares but has not taken: `tool forecast` … */
  missingOf(owner: Owner): readonly string[] {
    const names = this.#taken.get(owner);
    return declaredBy(owner)
      .filter(({ kind, name }) => names?.has(labelOf({ kind, name })) !== true)
      .map(labelOf);
  }

  /** Who already has the name, as text for a message. Several plugins may have a name of a shared kind. */
  #ownerOf(kind: CapabilityKind, name: string, asking: Owner): string | undefined {
    if (kind === 'command' && this.#reservedCommands.has(name.toLowerCase())) return 'the host';
    for (const [owner, names] of this.#taken) {
      if (!names.has(labelOf({ kind, name }))) continue;
      if (owner === asking) return THIS_PLUGIN;
      if (KINDS[kind].isShared !== true && owner.id !== asking.id) return `plugin ${owner.id}`;
    }
    return undefined;
  }
}

const declaredBy = ({ declared }: Owner): readonly { readonly kind: CapabilityKind; readonly name: string }[] =>
  declared === undefined ? [] : CAPABILITY_KINDS.flatMap((kind) => (declared[`${kind}s`] ?? []).map((name) => ({ kind, name })));
