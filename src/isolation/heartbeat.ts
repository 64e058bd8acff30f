import { setInterval, clearInterval } from 'node:timers';
import type { Outbox } from './outbox.js';

/** So many in a row are missed before the other side counts as stuck. */
const MOST_MISSED = 3;

export interface Heart {
  readonly outbox: Pick<Outbox, 'unsent' | 'portions'>;
  /** Asks for a sign of life. */
  readonly ask: () => void;
  /** `problem` follows "it". */
  readonly onStuck: (problem: string) => void;
}

/**
 * Asks for a sign of life now and then. That it reads what it was sent is one as well: what is asked behind megabytes is
 * answered when those have been read. Counted in signs and not in time: a host that was itself stopped for a while has
 * asked for none meanwhile.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #missed = 0;
  #wasBehind = false;
  #portions = 0;

  constructor(
    private readonly everyMs: number,
    private readonly heart: Heart,
  ) {
    this.#timer = setInterval(() => this.#beat(), everyMs).unref();
  }

  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { outbox, ask, onStuck } = this.heart;
    const isBehind = outbox.unsent > 0;
    if (this.#wasBehind && outbox.portions > this.#portions) this.heard();
    this.#wasBehind = isBehind;
    this.#portions = outbox.portions;
    if (this.#missed >= MOST_MISSED) {
      this.stop();
      const forMs = `for ${this.everyMs * MOST_MISSED} ms`;
      onStuck(isBehind ? `read nothing of what it was sent ${forMs}` : `gave no sign of life ${forMs}`);
      return;
    }
    this.#missed++;
    if (!isBehind) ask();
  }
}
