/** So many in a row are missed before the other side counts as stuck. */
const MOST_MISSED = 3;

/**
 * Asks for a sign of life now and then. Counted in signs and not in time: a host that was itself stopped for a while has
 * sent none meanwhile.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #missed = 0;

  constructor(everyMs: number, ask: () => void, onSilence: (ms: number) => void) {
    this.#timer = setInterval(() => {
      if (this.#missed >= MOST_MISSED) {
        this.stop();
        onSilence(everyMs * MOST_MISSED);
        return;
      }
      this.#missed++;
      ask();
    }, everyMs).unref();
  }

  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
