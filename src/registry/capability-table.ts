import type { CapabilityKind } from '../abi/constants.js';
import { labelOf, type CapabilityDescriptor } from '../capability/descriptor.js';
import type { Backend } from '../invocation/backend.js';
import type { Authorize } from '../capability/command.js';
import { makeFace, type Faces } from '../capability/faces.js';
import { checkedSpec } from '../capability/spec.js';
import { InvocationError } from '../errors/index.js';
import type { Plugin, TakenName } from '../plugin/plugin.js';
import { NameTable } from './name-table.js';

/** One capability of one plugin. */
export interface Row<K extends CapabilityKind = CapabilityKind> {
  readonly kind: K;
  readonly name: string;
  readonly face: Faces[K];
  readonly backend: Backend;
}

/** All of one plugin's. */
interface PluginRows {
  readonly rows: Map<string, Row>;
  isVisible: boolean;
}

export interface CapabilityTableOptions {
  readonly authorize: Authorize;
  /** In any case of letters. */
  readonly reservedCommands: readonly string[];
}

/** Every capability of every plugin, in plugin order. */
export class CapabilityTable {
  readonly #plugins = new Map<string, PluginRows>();
  readonly #names: NameTable;
  #refusesHost = false;

  constructor(private readonly options: CapabilityTableOptions) {
    this.#names = new NameTable(options.reservedCommands);
  }

  /** From here the host's own invocations are refused; what plugins call of each other still goes. */
  refuseHost(): void {
    this.#refusesHost = true;
  }

  /** Gives the plugin its place in the order. */
  open(pluginId: string): void {
    this.#plugins.set(pluginId, { rows: new Map(), isVisible: false });
  }

  /**
   * Takes the name for the plugin, unseen until `show`.
   * @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE
   */
  reserve(plugin: Plugin, descriptor: CapabilityDescriptor, backend: Backend): void {
    const { kind, name } = descriptor;
    this.#names.check(plugin, kind, name);
    const gated = this.#gated(plugin.id, descriptor, backend);
    const face = checkedSpec(plugin.id, descriptor, () => makeFace(plugin.id, descriptor, gated, this.options.authorize));
    this.#names.take(plugin.id, kind, name);
    this.#plugins.get(plugin.id)?.rows.set(labelOf({ kind, name }), { kind, name, face, backend });
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
    this.#names.giveBack(pluginId);
    this.#plugins.delete(pluginId);
  }

  /** What is visible of one kind, in plugin order. */
  list<K extends CapabilityKind>(kind: K): readonly Row<K>[] {
    const visible = [...this.#plugins.values()].filter((entry) => entry.isVisible);
    return visible.flatMap(({ rows }) => [...rows.values()]).filter((row): row is Row<K> => row.kind === kind);
  }

  find<K extends CapabilityKind>(kind: K, name: string): Row<K> | undefined {
    for (const { isVisible, rows } of this.#plugins.values()) {
      const row = isVisible ? rows.get(labelOf({ kind, name })) : undefined;
      if (row !== undefined) return row as Row<K>;
    }
    return undefined;
  }

  /** Of the names that the plugin declares those that somebody else has. */
  takenFrom(plugin: Plugin): readonly TakenName[] {
    return this.#names.takenFrom(plugin);
  }

  /** `tool forecast` … that the plugin declares and has not registered. */
  missingOf(plugin: Plugin): readonly string[] {
    return this.#names.missingOf(plugin);
  }
}
