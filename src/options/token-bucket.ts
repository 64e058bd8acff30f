import { monotonicNow } from '../machine/node-timers.js';

/** Token bucket: sustained rate plus burst. */
export class TokenBucket {
  #left: number;
  #at = monotonicNow();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.#left = burst;
  }

  has(cost: number): boolean {
    this.#refill();
    return this.#left >= cost;
  }

  /** Spends `cost` if the bucket holds at least `cost + reserve`. Returns whether it did. */
  spend(cost: number, reserve = 0): boolean {
    if (!this.has(cost + reserve)) return false;
    this.#left -= cost;
    return true;
  }

  /** Spends `cost` even if the bucket goes negative. Returns the milliseconds until it is back at zero. */
  owe(cost: number): number {
    this.#refill();
    this.#left -= cost;
    return Math.max(0, (-this.#left / this.perSecond) * 1000);
  }

  #refill(): void {
    const now = monotonicNow();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
  }
}
