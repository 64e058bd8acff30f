import { LifecycleError } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';
import { Replacement } from './replacement.js';
import { RegistryEntry, type EntryListener, type EntryOptions } from './registry-entry.js';

/** Every generation of every plugin: the current one of each id, and those that are starting or shutting down. */
export class Generations implements EntryListener {
  /** By id, in plugin order. The next generation gets the position of the previous one. */
  readonly #current = new Map<string, RegistryEntry>();
  readonly #others = new Set<RegistryEntry>();
  /** For each id that was ever registered. */
  readonly #lastNumber = new Map<string, number>();

  constructor(private readonly options: EntryOptions) {}

  /** Adds the next generation of the plugin's id, to be registered. It is the current one if there is no other. */
  add(plugin: Plugin): RegistryEntry {
    const number = (this.#lastNumber.get(plugin.id) ?? 0) + 1;
    this.#lastNumber.set(plugin.id, number);
    const entry = new RegistryEntry(plugin, number, this.options, this);
    if (this.#current.has(plugin.id)) this.#others.add(entry);
    else this.#current.set(plugin.id, entry);
    return entry;
  }

  /** Registers the next generation of a plugin beside its current one. @throws LifecycleError */
  async registerNext(plugin: Plugin): Promise<Replacement> {
    const current = this.#current.get(plugin.id);
    if (current === undefined) throw notReplaceable(plugin.id, 'not registered');
    const next = this.add(plugin);
    await next.register();
    return new Replacement(current, next);
  }

  /** Shuts down the generations of a plugin that are not current. Who replaced them reports their errors. */
  async endOthers(id: string): Promise<void> {
    const others = this.of(id).filter((entry) => entry !== this.#current.get(id));
    await Promise.all(others.map((entry) => entry.shutdown().catch(() => undefined)));
  }

  current(id: string): RegistryEntry | undefined {
    return this.#current.get(id);
  }

  /** The current ones, in plugin order. */
  get all(): readonly RegistryEntry[] {
    return [...this.#current.values()];
  }

  /** All generations of one plugin, the current one first. */
  of(id: string): readonly RegistryEntry[] {
    return [...this.#current.values(), ...this.#others].filter(({ plugin }) => plugin.id === id);
  }

  onCurrent(entry: RegistryEntry): void {
    const before = this.#current.get(entry.plugin.id);
    if (before === entry) return;
    this.#others.delete(entry);
    if (before !== undefined) this.#others.add(before);
    this.#current.set(entry.plugin.id, entry);
  }

  onRetired(entry: RegistryEntry): void {
    this.#others.delete(entry);
    if (this.#current.get(entry.plugin.id) === entry) this.#current.delete(entry.plugin.id);
  }
}

export const notReplaceable = (pluginId: string, found: string): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_STATE', { operation: 'replace', expected: 'active', found }, { pluginId });
