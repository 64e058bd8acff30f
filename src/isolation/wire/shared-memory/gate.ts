import { availableParallelism } from 'node:os';

/** With one processor the other side cannot run while this one looks for its next word. */
export const MAY_SPIN = availableParallelism() > 1;

const FIRST_PAUSE_MS = 1;
export const MAX_PAUSE_MS = 256;
/** A look that took this much longer than it should was interrupted: others want this processor. */
export const PREEMPTED_MS = 0.03;
/** How much an interrupted look lengthens the pause, and one that found nothing. */
export const PREEMPTED_WEIGHT = 8;
export const MISS_WEIGHT = 2;

/**
 * Whether waiting awake is worth it, learned from how it went. After a look that found nothing the gate shuts for 1 ms, then for twice as
 * long each time; one that found something halves that. So what is wasted on a busy machine soon becomes very little.
 * The child's thread has the same logic (ring-program.ts).
 */
export class Gate {
  #opensAt = 0;
  #pauseMs = FIRST_PAUSE_MS;

  isOpen(now: number): boolean {
    return MAY_SPIN && now >= this.#opensAt;
  }

  hit(): void {
    if (this.#pauseMs > FIRST_PAUSE_MS) this.#pauseMs /= 2;
  }

  miss(now: number, weight = MISS_WEIGHT): void {
    this.#opensAt = now + this.#pauseMs;
    this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * weight);
  }
}
