import { monotonicNow } from '../machine/node-timers.js';

/** Milliseconds. */
const FIRST = 1000;
const MAX = 60_000;

/**
 * Exponential backoff after timeouts, so that a costly schema takes an ever smaller share of the host's time. It is never
 * permanent: one value that was made to be costly, or one long stop of the machine, must not take a tool away from everybody.
 */
export class Backoff {
  #next = FIRST;
  #until = -Infinity;

  /** After a timeout. */
  begin(now = monotonicNow()): void {
    // After two of the longest pauses without a timeout, start again with the first.
    if (now - this.#until > 2 * MAX) this.#next = FIRST;
    this.#until = now + this.#next;
    this.#next = Math.min(2 * this.#next, MAX);
  }

  /** Milliseconds until the next try; 0 if it may be made now. */
  remaining(now = monotonicNow()): number {
    return Math.max(0, this.#until - now);
  }
}
