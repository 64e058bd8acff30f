import { Slots } from '../options/slots.js';
import type { Invocation } from './invocation.js';

/** The invocations of one plugin that have not been answered, by id. */
export class OpenInvocations {
  readonly #slots = new Slots<Invocation>();
  readonly #slotOf = new Map<number, number>();

  add(invocation: Invocation): void {
    this.#slotOf.set(invocation.id, this.#slots.add(invocation));
  }

  get(id: number): Invocation | undefined {
    const slot = this.#slotOf.get(id);
    return slot === undefined ? undefined : this.#slots.get(slot);
  }

  delete(invocation: Invocation): void {
    const slot = this.#slotOf.get(invocation.id);
    if (slot === undefined) return;
    this.#slotOf.delete(invocation.id);
    this.#slots.remove(slot, invocation);
  }

  all(): readonly Invocation[] {
    return this.#slots.entries().map(([, invocation]) => invocation);
  }
}
