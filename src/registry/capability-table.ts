import type { CapabilityKind } from '../abi/constants.js';
import { labelOf, type CapabilityDescriptor } from '../capability/descriptor.js';
import type { Authorize } from '../capability/kind.js';
import { makeCapability, type CapabilityHandles } from '../capability/kinds/index.js';
import { checkedSpec } from '../capability/spec.js';
import type { Backend } from '../invocation/backend.js';
import type { TakenName } from '../plugin/plugin.js';
import { compileSchema } from '../schema/index.js';
import type { Generation } from './generation.js';
import { Handles } from './handles.js';
import { hostGate, type HostGate } from './host-gate.js';
import { NameTable } from './name-table.js';
import { Route } from './route.js';

/** One capability of one generation of a plugin. */
export interface Row<K extends CapabilityKind = CapabilityKind> {
  readonly kind: K;
  readonly name: string;
  readonly capability: CapabilityHandles[K];
  readonly backend: Backend;
  readonly gate: HostGate;
  readonly route: Route;
}

/** The rows of one generation. */
interface GenerationRows {
  readonly rows: Map<string, Row>;
  isVisible: boolean;
}

export interface CapabilityTableOptions {
  readonly authorize: Authorize;
  /** Case-insensitive. */
  readonly reservedCommands: readonly string[];
}

/** Every capability of every generation of every plugin. Only those of current generations are visible outside. */
export class CapabilityTable {
  readonly #generations = new Map<Generation, GenerationRows>();
  /** The current generation of each plugin, in plugin order. */
  readonly #current = new Map<string, GenerationRows>();
  readonly #names: NameTable;
  readonly #handles = new Handles();
  /** By plugin id, kind and name. Kept like the handles. */
  readonly #routes = new Map<string, Route>();
  #refusesHost = false;

  constructor(private readonly options: CapabilityTableOptions) {
    this.#names = new NameTable(options.reservedCommands);
  }

  /** Refuses all further invocations by the host. Plugins can still call each other. */
  refuseHost(): void {
    this.#refusesHost = true;
  }

  /** Adds a generation without capabilities. The first one of a plugin determines the plugin's position. */
  open(generation: Generation): void {
    const rows: GenerationRows = { rows: new Map(), isVisible: false };
    this.#generations.set(generation, rows);
    if (!this.#current.has(generation.id)) this.#current.set(generation.id, rows);
  }

  /**
   * Adds a capability to the generation, invisible until `show`.
   * @throws LifecycleError ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE
   */
  reserve(generation: Generation, descriptor: CapabilityDescriptor, backend: Backend): void {
    const { kind, name } = descriptor;
    const { id } = generation;
    const { authorize } = this.options;
    this.#names.check(generation, kind, name);
    const route = this.#routeOf(id, descriptor);
    const gate = hostGate(id, descriptor, backend, route, () => this.#refusesHost);
    const capability = checkedSpec(id, descriptor, () => makeCapability({ pluginId: id, descriptor, backend: gate, authorize, compileSchema }));
    this.#names.take(generation, kind, name);
    this.#generations.get(generation)?.rows.set(labelOf({ kind, name }), { kind, name, capability, backend, gate, route });
  }

  /** Makes this generation the current one: from now on all calls go to it, also those through existing handles. */
  show(generation: Generation): void {
    const shown = this.#generations.get(generation);
    if (shown === undefined) return;
    const before = this.#current.get(generation.id);
    shown.isVisible = true;
    this.#current.set(generation.id, shown);
    for (const { kind, capability } of shown.rows.values()) this.#handles.point(kind, capability);
    for (const [label, { route }] of before?.rows ?? []) if (!shown.rows.has(label)) route.point(undefined);
    for (const { gate, route } of shown.rows.values()) route.point(gate);
  }

  /** Removes the generation: releases its names, and refuses all further invocations of it. */
  withdraw(generation: Generation): void {
    const removed = this.#generations.get(generation);
    this.#names.giveBack(generation);
    this.#generations.delete(generation);
    for (const { gate, route } of removed?.rows.values() ?? []) {
      gate.close();
      if (route.gate === gate) route.point(undefined);
    }
    if (this.#current.get(generation.id) === removed) this.#current.delete(generation.id);
  }

  /** The handles of the visible capabilities of one kind, in plugin order. */
  list<K extends CapabilityKind>(kind: K): readonly CapabilityHandles[K][] {
    const visible = [...this.#current.values()].filter(({ isVisible }) => isVisible);
    const rows = visible.flatMap(({ rows }) => [...rows.values()]).filter((row): row is Row<K> => row.kind === kind);
    return rows.map(({ capability }) => this.#handles.of(kind, capability));
  }

  /** Returns the same object each time. */
  find<K extends CapabilityKind>(kind: K, name: string): CapabilityHandles[K] | undefined {
    const row = this.row(kind, name);
    return row && this.#handles.of(kind, row.capability);
  }

  /** The capability that is visible under this name now. */
  row<K extends CapabilityKind>(kind: K, name: string): Row<K> | undefined {
    for (const { isVisible, rows } of this.#current.values()) {
      const row = isVisible ? rows.get(labelOf({ kind, name })) : undefined;
      if (row !== undefined) return row as Row<K>;
    }
    return undefined;
  }

  /** The names that the plugin declares but another plugin or the host already has. */
  takenFrom(generation: Generation): readonly TakenName[] {
    return this.#names.takenFrom(generation);
  }

  /** The names that this generation has registered: `tool forecast` … */
  registeredBy(generation: Generation): readonly string[] {
    return this.#names.takenBy(generation);
  }

  /** The names that the plugin declares but this generation has not registered: `tool forecast` … */
  missingOf(generation: Generation): readonly string[] {
    return this.#names.missingOf(generation);
  }

  #routeOf(pluginId: string, descriptor: CapabilityDescriptor): Route {
    const key = `${labelOf(descriptor)} ${pluginId}`; // unique, because kinds and names contain no spaces
    const route = this.#routes.get(key) ?? new Route();
    this.#routes.set(key, route);
    return route;
  }
}
