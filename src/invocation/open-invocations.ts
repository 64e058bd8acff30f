import { Slots } from '../options/slots.js';
import type { Invocation } from './invocation.js';

/** The invocations of one plugin, by id, each until it is over and its caller has been answered. They are kept nowhere else. */
export class OpenInvocations<Run> {
  readonly #slots = new Slots<Invocation<Run>>();
  readonly #slotOf = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#slotOf.size === 0;
  }

  add(invocation: Invocation<Run>): void {
    this.#slotOf.set(invocation.id, this.#slots.add(invocation));
  }

  get(id: number): Invocation<Run> | undefined {
    const slot = this.#slotOf.get(id);
    return slot === undefined ? undefined : this.#slots.get(slot);
  }

  delete(invocation: Invocation<Run>): void {
    const slot = this.#slotOf.get(invocation.id);
    if (slot === undefined) return;
    this.#slotOf.delete(invocation.id);
    this.#slots.remove(slot, invocation);
  }

  /** Sorted by id. */
  all(): readonly Invocation<Run>[] {
    return this.#slots.entries().map(([, invocation]) => invocation).sort((a, b) => a.id - b.id);
  }
}
