import { monotonicNow, turn } from '../machine/node-timers.js';

const MAX_MS = 3;

/** Divides long work on this thread, so that the event loop is never held for longer than a few milliseconds. */
export class TimeSlice {
  #began = monotonicNow();

  /** Call it between two steps of the work: it waits for a turn of the event loop if that is due. */
  async pause(): Promise<void> {
    if (monotonicNow() - this.#began < MAX_MS) return;
    await turn();
    this.#began = monotonicNow();
  }
}
