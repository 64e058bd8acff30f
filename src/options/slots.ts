/**
 * A set for short-lived objects. When a Map or Set grows, its old table keeps every entry alive until the next full garbage
 * collection, which was half of what invocations allocate. A slot drops its reference at once.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Returns the item's slot, which is reused once the item is removed. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  get(slot: number): T | undefined {
    return this.#items[slot];
  }

  /** Does nothing if another item has the slot by now. Returns whether the item was removed. */
  remove(slot: number, item: T): boolean {
    if (this.#items[slot] !== item) return false;
    this.#items[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  /** A snapshot of the slots and items, in no particular order. */
  entries(): readonly (readonly [number, T])[] {
    return this.#items.flatMap((item, slot) => (item === undefined ? [] : [[slot, item] as const]));
  }
}
