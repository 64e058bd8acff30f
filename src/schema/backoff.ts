import { monotonicNow } from '../machine/node-timers.js';

/** Milliseconds. */
const FIRST = 1000;
const MAX = 60_000;

/**
 * Exponential backoff after timeouts, so that a costly schema takes an ever smaller share of the host's time. It is never
 * permanent: a single malicious value, or a machine that was suspended, must not disable a tool for all callers.
 */
export class Backoff {
  #next = FIRST;
  #until = -Infinity;

  /** After a timeout. */
  begin(now = monotonicNow()): void {
    // After twice the longest pause without a timeout, start again with the shortest pause.
    if (now - this.#until > 2 * MAX) this.#next = FIRST;
    this.#until = now + this.#next;
    this.#next = Math.min(2 * this.#next, MAX);
  }

  /** Milliseconds until the next try; 0 if it may be made now. */
  remaining(now = monotonicNow()): number {
    return Math.max(0, this.#until - now);
  }
}
