import { availableParallelism } from 'node:os';

/**
 * How long either side looks for the other's next word before it sleeps, in milliseconds. Waking a sleeping thread takes
 * longer than most calls. With one processor the other side cannot run meanwhile.
 */
export const SPIN_MS = availableParallelism() > 1 ? 0.02 : 0;

/** A side that finds nothing loses luck, and one that finds something gains it. Without luck it looks only every 64th time. */
export const MAX_LUCK = 8;
export const FIRST_LUCK = SPIN_MS > 0 ? 4 : 0;
export const RETRY_EVERY = 64;

/** Decides whether to look before sleeping. The runner's program has the same logic. */
export class SpinGate {
  #luck = FIRST_LUCK;
  #skipped = 0;

  get isOpen(): boolean {
    if (this.#luck > 0) return true;
    if (SPIN_MS === 0 || ++this.#skipped < RETRY_EVERY) return false;
    this.#skipped = 0;
    return true;
  }

  hit(): void {
    if (this.#luck < MAX_LUCK) this.#luck++;
  }

  miss(): void {
    if (this.#luck > 0) this.#luck--;
  }
}
