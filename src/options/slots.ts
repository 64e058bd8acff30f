/**
 * A set of objects that come and go quickly. A Map or Set leaves its outgrown tables behind, and such a table keeps all
 * that was in it when it was outgrown until the next full collection: half of what invocations allocate. A slot forgets.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Answers the item's slot, which is its own until it is removed. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  get(slot: number): T | undefined {
    return this.#items[slot];
  }

  /** Nothing happens if another item has the slot by now. Returns whether it was removed. */
  remove(slot: number, item: T): boolean {
    if (this.#items[slot] !== item) return false;
    this.#items[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  /** Slots and items as they are now, in no particular order. */
  entries(): readonly (readonly [number, T])[] {
    return this.#items.flatMap((item, slot) => (item === undefined ? [] : [[slot, item] as const]));
  }
}
