import { monotonicNow, turn } from '../machine/node-timers.js';

const MAX_MS = 3;

/** Divides long work on this thread, so that it blocks the event loop for a few milliseconds at most. */
export class TimeSlice {
  #began = monotonicNow();

  /** Call this between two steps of the work. If the slice is used up, waits for one turn of the event loop. */
  async pause(): Promise<void> {
    if (monotonicNow() - this.#began < MAX_MS) return;
    await turn();
    this.#began = monotonicNow();
  }
}
