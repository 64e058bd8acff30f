import { monotonicNow } from '../machine/node-timers.js';

/** So much a second on average, and so much at once. */
export class TokenBucket {
  #left: number;
  #at = monotonicNow();

  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.#left = atOnce;
  }

  has(cost: number): boolean {
    this.#refill();
    return this.#left >= cost;
  }

  /** Whether `cost` was left, and `reserve` beside it; then `cost` is spent now. */
  spend(cost: number, reserve = 0): boolean {
    if (!this.has(cost + reserve)) return false;
    this.#left -= cost;
    return true;
  }

  /** Spends what is there, and what is not. Returns in how many milliseconds nothing is owed any more. */
  owe(cost: number): number {
    this.#refill();
    this.#left -= cost;
    return Math.max(0, (-this.#left / this.perSecond) * 1000);
  }

  #refill(): void {
    const now = monotonicNow();
    this.#left = Math.min(this.atOnce, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
  }
}
