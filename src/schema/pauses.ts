import { monotonicNow } from '../machine/node-timers.js';

/** Milliseconds. */
const FIRST = 1000;
const LONGEST = 60_000;

/**
 * How long what has run out of time is left alone: twice as long each time, so that it takes less and less of the host's
 * time however often it is asked. Never for good: one value that was made to be costly, or one long stop of the machine,
 * must not take a tool away from everybody.
 */
export class Pauses {
  #next = FIRST;
  #until = -Infinity;

  /** Begins the next one. */
  begin(now = monotonicNow()): void {
    // As long again as a pause without another: that much better behaved, it starts from the shorter one.
    if (now - this.#until > 2 * LONGEST) this.#next = FIRST;
    this.#until = now + this.#next;
    this.#next = Math.min(2 * this.#next, LONGEST);
  }

  /** Milliseconds of it that are left. */
  left(now = monotonicNow()): number {
    return Math.max(0, this.#until - now);
  }
}
