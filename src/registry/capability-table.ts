import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import { labelOf, type Backend, type CapabilityDescriptor } from '../capability/backend.js';
import { makeFace, type Faces } from '../capability/faces.js';
import { nameProblem } from '../capability/names.js';
import { LifecycleError, messageOf } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';

interface Row<K extends CapabilityKind = CapabilityKind> {
  readonly kind: K;
  readonly name: string;
  readonly pluginId: string;
  readonly face: Faces[K];
  readonly backend: Backend;
  /** Visible only once its plugin has registered whole. */
  isOffered: boolean;
}

/** A hook is handled by many plugins; every other name belongs to one. */
const keyOf = (kind: CapabilityKind, name: string, pluginId: string): string =>
  kind === 'hook' ? `hook\0${name}\0${pluginId}` : `${kind}\0${name}`;

/** Every capability of every plugin, by kind and name: the one place where names are taken and given back. */
export class CapabilityTable {
  readonly #rows = new Map<string, Row>();

  /**
   * Takes the name for `plugin`, unseen until `offer`.
   * @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE
   */
  reserve(plugin: Plugin, descriptor: CapabilityDescriptor, backend: Backend): void {
    const { kind, name } = descriptor;
    const context = { pluginId: plugin.id };
    const problem = nameProblem(kind, name);
    if (problem !== undefined) {
      throw new LifecycleError('ERR_CAPABILITY_INVALID', { kind, name, member: 'name', ...problem }, context);
    }
    if (plugin.declared !== undefined && !plugin.declared[`${kind}s`].includes(name)) {
      throw new LifecycleError('ERR_CAPABILITY_UNDECLARED', { kind, name }, context);
    }
    const key = keyOf(kind, name, plugin.id);
    const winner = this.#rows.get(key);
    if (winner !== undefined) {
      const who = winner.pluginId === plugin.id ? 'this same plugin' : `plugin ${winner.pluginId}`;
      throw new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind, name, winner: who }, context);
    }
    const face = this.#face(plugin.id, descriptor, backend);
    this.#rows.set(key, { kind, name, pluginId: plugin.id, face, backend, isOffered: false });
  }

  #face(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Faces[CapabilityKind] {
    try {
      return makeFace(pluginId, descriptor, backend);
    } catch (cause) {
      const { kind, name } = descriptor;
      const fields = { kind, name, member: 'spec', expected: `a spec that fits a ${kind}`, found: messageOf(cause) };
      throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId, cause });
    }
  }

  /** Makes all that `pluginId` has reserved visible. */
  offer(pluginId: string): void {
    for (const row of this.#rows.values()) if (row.pluginId === pluginId) row.isOffered = true;
  }

  /** Gives every name of `pluginId` back. */
  withdraw(pluginId: string): void {
    for (const [key, row] of this.#rows) if (row.pluginId === pluginId) this.#rows.delete(key);
  }

  /** What is offered of one kind, in the order of registration. */
  list<K extends CapabilityKind>(kind: K): readonly Faces[K][] {
    return this.#offered(kind).map((row) => row.face);
  }

  find<K extends CapabilityKind>(kind: K, name: string): Faces[K] | undefined {
    return this.#offered(kind).find((row) => row.name === name)?.face;
  }

  backendOf(kind: CapabilityKind, name: string): Backend | undefined {
    const row = this.#rows.get(keyOf(kind, name, ''));
    return row?.isOffered === true ? row.backend : undefined;
  }

  /** `tool forecast` … that the plugin declares and has not registered. */
  missingOf(plugin: Plugin): readonly string[] {
    const { declared } = plugin;
    if (declared === undefined) return [];
    return CAPABILITY_KINDS.flatMap((kind) =>
      declared[`${kind}s`]
        .filter((name) => !this.#rows.has(keyOf(kind, name, plugin.id)))
        .map((name) => labelOf({ kind, name })),
    );
  }

  #offered<K extends CapabilityKind>(kind: K): readonly Row<K>[] {
    return [...this.#rows.values()].filter((row): row is Row<K> => row.kind === kind && row.isOffered);
  }
}
