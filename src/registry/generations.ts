import type { Plugin } from '../plugin/plugin.js';
import { RegistryEntry, type EntryListener, type EntryOptions } from './registry-entry.js';

/** Every generation of every plugin: the current one of each id, and those that are starting or shutting down beside it. */
export class Generations implements EntryListener {
  /** By id, in plugin order. The next generation gets the position of the previous one. */
  readonly #present = new Map<string, RegistryEntry>();
  readonly #beside = new Set<RegistryEntry>();
  /** For each id that was ever registered. */
  readonly #lastNumber = new Map<string, number>();

  constructor(private readonly options: EntryOptions) {}

  /** Adds the next generation of the plugin's id, to be registered. It is the current one if there is no other. */
  add(plugin: Plugin): RegistryEntry {
    const number = (this.#lastNumber.get(plugin.id) ?? 0) + 1;
    this.#lastNumber.set(plugin.id, number);
    const entry = new RegistryEntry(plugin, number, this.options, this);
    if (this.#present.has(plugin.id)) this.#beside.add(entry);
    else this.#present.set(plugin.id, entry);
    return entry;
  }

  present(id: string): RegistryEntry | undefined {
    return this.#present.get(id);
  }

  /** The current ones, in plugin order. */
  get all(): readonly RegistryEntry[] {
    return [...this.#present.values()];
  }

  /** All generations of one plugin, the current one first. */
  of(id: string): readonly RegistryEntry[] {
    return [...this.#present.values(), ...this.#beside].filter(({ plugin }) => plugin.id === id);
  }

  onPresent(entry: RegistryEntry): void {
    const before = this.#present.get(entry.plugin.id);
    if (before === entry) return;
    this.#beside.delete(entry);
    if (before !== undefined) this.#beside.add(before);
    this.#present.set(entry.plugin.id, entry);
  }

  onRetired(entry: RegistryEntry): void {
    this.#beside.delete(entry);
    if (this.#present.get(entry.plugin.id) === entry) this.#present.delete(entry.plugin.id);
  }
}
