import { monotonicNow } from './node-timers.js';
import { countOomKills, countRefusedThreads } from './kernel-counters.js';

/** For so long after the kernel has counted a refusal, the ends of processes are put down to it. */
const RECENT_MS = 10_000;

/** Whether a counter of the kernel's has risen lately. */
export class RisingCounter {
  #last: number | undefined;
  #roseAt = -Infinity;

  constructor(
    private readonly read: () => number | undefined,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** Notes where it stands: what it has counted until now is not news, unless it rose while this host was looking. */
  look(): void {
    const count = this.read();
    // Another cgroup than before, which has counted less, is looked at anew.
    if (this.#last !== undefined && count !== undefined && count > this.#last) this.#roseAt = this.now();
    this.#last = count;
  }

  hasRisen(): boolean {
    this.look();
    return this.now() - this.#roseAt < RECENT_MS;
  }
}

/** What the kernel says that it refused: the counters of this host's cgroup. */
export const oomKills = new RisingCounter(countOomKills);
export const refusedThreads = new RisingCounter(countRefusedThreads);
