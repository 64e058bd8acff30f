import { monotonicNow } from './node-timers.js';
import { countOomKills, countRefusedThreads } from './kernel-counters.js';

/** A process that ends this soon after the kernel counted a refusal is assumed to have ended because of it. */
const RECENT_MS = 10_000;

/** Detects whether a kernel counter has risen recently. */
export class RisingCounter {
  #last: number | undefined;
  #roseAt = -Infinity;

  constructor(
    private readonly read: () => number | undefined,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** Reads the counter. It has risen only if it is higher than at the previous read. */
  look(): void {
    const count = this.read();
    // A lower count means another cgroup: start again from its value.
    if (this.#last !== undefined && count !== undefined && count > this.#last) this.#roseAt = this.now();
    this.#last = count;
  }

  hasRisen(): boolean {
    this.look();
    return this.now() - this.#roseAt < RECENT_MS;
  }
}

/** The counters of this host's cgroup. */
export const oomKills = new RisingCounter(countOomKills);
export const refusedThreads = new RisingCounter(countRefusedThreads);
