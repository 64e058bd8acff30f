import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import { labelOf } from '../capability/descriptor.js';
import { nameProblem } from '../capability/names.js';
import { LifecycleError } from '../errors/index.js';
import type { Plugin, TakenName } from '../plugin/plugin.js';

type Owner = Pick<Plugin, 'id' | 'declared'>;

const THIS_PLUGIN = 'this same plugin';

/** Who has which name: the one place where names are taken and given back. */
export class NameTable {
  readonly #taken = new Map<string, Set<string>>();
  readonly #reservedCommands: ReadonlySet<string>;

  /** `reservedCommands` are the host's own, in any case of letters. */
  constructor(reservedCommands: readonly string[] = []) {
    this.#reservedCommands = new Set(reservedCommands.map((name) => name.toLowerCase()));
  }

  /** @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE where the plugin may not have the name */
  check({ id: pluginId, declared }: Owner, kind: CapabilityKind, name: string): void {
    const problem = nameProblem(kind, name);
    if (problem !== undefined) {
      throw new LifecycleError('ERR_CAPABILITY_INVALID', { kind, capabilityName: name, member: 'name', ...problem }, { pluginId });
    }
    if (declared !== undefined && !declared[`${kind}s`].includes(name)) {
      throw new LifecycleError('ERR_CAPABILITY_UNDECLARED', { kind, capabilityName: name }, { pluginId });
    }
    const winner = this.#ownerOf(kind, name, pluginId);
    if (winner !== undefined) throw new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind, capabilityName: name, winner }, { pluginId });
  }

  take(pluginId: string, kind: CapabilityKind, name: string): void {
    const names = this.#taken.get(pluginId) ?? new Set();
    this.#taken.set(pluginId, names.add(labelOf({ kind, name })));
  }

  /** Gives back every name of the plugin. */
  giveBack(pluginId: string): void {
    this.#taken.delete(pluginId);
  }

  /** Of the names that the plugin declares those that somebody else has. */
  takenFrom(plugin: Owner): readonly TakenName[] {
    return declaredBy(plugin).flatMap(({ kind, name }) => {
      const winner = this.#ownerOf(kind, name, plugin.id);
      return winner === undefined || winner === THIS_PLUGIN ? [] : [{ kind, name, winner }];
    });
  }

  /** `tool forecast` … that the plugin declares and has not taken. */
  missingOf(plugin: Owner): readonly string[] {
    const names = this.#taken.get(plugin.id);
    return declaredBy(plugin)
      .filter(({ kind, name }) => names?.has(labelOf({ kind, name })) !== true)
      .map(labelOf);
  }

  /** Who has the name already, in words. A hook is handled by many plugins; every other name belongs to one. */
  #ownerOf(kind: CapabilityKind, name: string, asking: string): string | undefined {
    if (kind === 'command' && this.#reservedCommands.has(name.toLowerCase())) return 'the host';
    for (const [pluginId, names] of this.#taken) {
      if (!names.has(labelOf({ kind, name }))) continue;
      if (pluginId === asking) return THIS_PLUGIN;
      if (kind !== 'hook') return `plugin ${pluginId}`;
    }
    return undefined;
  }
}

const declaredBy = ({ declared }: Owner): readonly { readonly kind: CapabilityKind; readonly name: string }[] =>
  declared === undefined ? [] : CAPABILITY_KINDS.flatMap((kind) => declared[`${kind}s`].map((name) => ({ kind, name })));
