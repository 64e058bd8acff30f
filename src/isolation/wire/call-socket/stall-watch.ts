import { clearTimeout, setTimeout } from '../../../machine/node-timers.js';

const STALL_MS = 1;
const MAX_STALL_MS = 100;

interface StallWatchEvents {
  /** Whether a call is in flight that should not wait for another. */
  isWaiting(): boolean;
  /** Whether what was sent has not arrived. */
  isBlocked(): boolean;
  onStall(): void;
}

/**
 * Notices that nothing returns for a while, because the child's thread is in a call that blocks. The host cannot see
 * what waits behind that, so it asks for help once, and again only after something else was sent or has returned.
 */
export class StallWatch {
  #timer: NodeJS.Timeout | undefined;
  #ms = STALL_MS;
  #returned = 0;
  #isNew = false;
  #isClosed = false;

  constructor(private readonly events: StallWatchEvents) {}

  onSent(): void {
    this.#isNew = true;
    if (this.#timer === undefined && this.events.isWaiting()) this.#watch();
  }

  onReturned(): void {
    this.#returned++;
    this.onSent();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #watch(): void {
    if (this.#isClosed) return;
    const before = this.#returned;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.events.isWaiting()) return;
      if (this.#returned !== before) this.#ms = STALL_MS;
      else {
        this.#isNew = this.events.isBlocked();
        this.#ms = Math.min(MAX_STALL_MS, this.#ms * 2);
        this.events.onStall();
      }
      if (this.#isNew) this.#watch();
    }, this.#ms);
    this.#timer.unref();
  }
}
