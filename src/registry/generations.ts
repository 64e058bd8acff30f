import type { Plugin } from '../plugin/plugin.js';
import { RegistryEntry, type EntryListener, type EntryOptions } from './registry-entry.js';

/** Every generation of every plugin: the present one of each id, and those that come up or go down beside it. */
export class Generations implements EntryListener {
  /** By id, in plugin order: a next generation takes the place of the one before. */
  readonly #present = new Map<string, RegistryEntry>();
  readonly #beside = new Set<RegistryEntry>();
  /** Of each id that was ever registered. */
  readonly #lastNumber = new Map<string, number>();

  constructor(private readonly options: EntryOptions) {}

  /** The next generation of this plugin's id, to be registered: the present one if there is no other. */
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

  /** The present ones, in plugin order. */
  get all(): readonly RegistryEntry[] {
    return [...this.#present.values()];
  }

  /** All of one plugin, the present one first. */
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
