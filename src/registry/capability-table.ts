import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import { labelOf, type Backend, type CapabilityDescriptor } from '../capability/backend.js';
import type { Authorize } from '../capability/command.js';
import { makeFace, type Faces } from '../capability/faces.js';
import { nameProblem } from '../capability/names.js';
import { InvocationError, LifecycleError, messageOf } from '../errors/index.js';
import type { Plugin, TakenName } from '../plugin/plugin.js';

/** One capability of one plugin. */
export interface Row<K extends CapabilityKind = CapabilityKind> {
  readonly kind: K;
  readonly name: string;
  readonly face: Faces[K];
  readonly backend: Backend;
}

/** All of one plugin's. */
interface PluginRows {
  readonly plugin: Plugin;
  readonly rows: Map<string, Row>;
  isVisible: boolean;
}

export interface CapabilityTableOptions {
  readonly authorize: Authorize;
  /** In any case of letters. */
  readonly reservedCommands: readonly string[];
}

const THIS_PLUGIN = 'this same plugin';

const keyOf = (kind: CapabilityKind, name: string): string => `${kind} ${name}`;

/** Every capability of every plugin, in plugin order: the one place where names are taken and given back. */
export class CapabilityTable {
  readonly #plugins = new Map<string, PluginRows>();
  readonly #reservedCommands: ReadonlySet<string>;
  #refusesHost = false;

  constructor(private readonly options: CapabilityTableOptions) {
    this.#reservedCommands = new Set(options.reservedCommands.map((name) => name.toLowerCase()));
  }

  /** From here the host's own invocations are refused; what plugins call of each other still goes. */
  refuseHost(): void {
    this.#refusesHost = true;
  }

  /** Gives `plugin` its place in the order. */
  open(plugin: Plugin): void {
    this.#plugins.set(plugin.id, { plugin, rows: new Map(), isVisible: false });
  }

  /**
   * Takes the name for the plugin, unseen until `show`.
   * @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE
   */
  reserve(plugin: Plugin, descriptor: CapabilityDescriptor, backend: Backend): void {
    const { kind, name } = descriptor;
    const context = { pluginId: plugin.id };
    const problem = nameProblem(kind, name);
    if (problem !== undefined) {
      throw new LifecycleError('ERR_CAPABILITY_INVALID', { kind, capabilityName: name, member: 'name', ...problem }, context);
    }
    if (plugin.declared !== undefined && !plugin.declared[`${kind}s`].includes(name)) {
      throw new LifecycleError('ERR_CAPABILITY_UNDECLARED', { kind, capabilityName: name }, context);
    }
    const winner = this.#ownerOf(kind, name, plugin);
    if (winner !== undefined) throw new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind, capabilityName: name, winner }, context);
    const face = this.#face(plugin.id, descriptor, backend);
    this.#plugins.get(plugin.id)?.rows.set(keyOf(kind, name), { kind, name, face, backend });
  }

  /** Who has the name already, in words. A hook is handled by many plugins; every other name belongs to one. */
  #ownerOf(kind: CapabilityKind, name: string, plugin: Plugin): string | undefined {
    if (kind === 'command' && this.#reservedCommands.has(name.toLowerCase())) return 'the host';
    for (const entry of this.#plugins.values()) {
      if (!entry.rows.has(keyOf(kind, name))) continue;
      if (entry.plugin.id === plugin.id) return THIS_PLUGIN;
      if (kind !== 'hook') return `plugin ${entry.plugin.id}`;
    }
    return undefined;
  }

  #face(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Faces[CapabilityKind] {
    try {
      return makeFace(pluginId, descriptor, this.#gated(pluginId, descriptor, backend), this.options.authorize);
    } catch (cause) {
      const { kind, name } = descriptor;
      const expected = `a spec that fits a ${kind}`;
      const fields = { kind, capabilityName: name, member: 'spec', expected, found: messageOf(cause) };
      throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId, cause });
    }
  }

  /** The way in for the host, which may be shut while plugins still use each other. */
  #gated(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Backend {
    const { invokeSync } = backend;
    const refusal = (): InvocationError => {
      const fields = { capability: labelOf(descriptor), state: 'shutting down' };
      return new InvocationError('ERR_PLUGIN_CLOSED', fields, { pluginId });
    };
    return {
      invoke: (method, input, options) =>
        this.#refusesHost ? Promise.reject(refusal()) : backend.invoke(method, input, options),
      invokeSync:
        invokeSync &&
        ((method, input) => {
          if (this.#refusesHost) throw refusal();
          return invokeSync(method, input);
        }),
    };
  }

  /** Makes all that the plugin has reserved visible. */
  show(pluginId: string): void {
    const entry = this.#plugins.get(pluginId);
    if (entry !== undefined) entry.isVisible = true;
  }

  /** Gives every name of the plugin back, and its place. */
  withdraw(pluginId: string): void {
    this.#plugins.delete(pluginId);
  }

  /** Of the names that the plugin declares those that somebody else has. */
  takenFrom(plugin: Plugin): readonly TakenName[] {
    const { declared } = plugin;
    if (declared === undefined) return [];
    return CAPABILITY_KINDS.flatMap((kind) =>
      declared[`${kind}s`].flatMap((name) => {
        const winner = this.#ownerOf(kind, name, plugin);
        return winner === undefined || winner === THIS_PLUGIN ? [] : [{ kind, name, winner }];
      }),
    );
  }

  /** What is visible of one kind, in plugin order. */
  list<K extends CapabilityKind>(kind: K): readonly Row<K>[] {
    const visible = [...this.#plugins.values()].filter((entry) => entry.isVisible);
    return visible.flatMap(({ rows }) => [...rows.values()]).filter((row): row is Row<K> => row.kind === kind);
  }

  find<K extends CapabilityKind>(kind: K, name: string): Row<K> | undefined {
    for (const { isVisible, rows } of this.#plugins.values()) {
      const row = isVisible ? rows.get(keyOf(kind, name)) : undefined;
      if (row !== undefined) return row as Row<K>;
    }
    return undefined;
  }

  /** `tool forecast` … that the plugin declares and has not registered. */
  missingOf(plugin: Plugin): readonly string[] {
    const { declared } = plugin;
    const rows = this.#plugins.get(plugin.id)?.rows;
    if (declared === undefined) return [];
    return CAPABILITY_KINDS.flatMap((kind) =>
      declared[`${kind}s`].filter((name) => rows?.has(keyOf(kind, name)) !== true).map((name) => labelOf({ kind, name })),
    );
  }
}
