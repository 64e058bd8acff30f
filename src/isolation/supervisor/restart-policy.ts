import { NEVER_MS } from '../../options/never.js';
import { monotonicNow } from '../../machine/node-timers.js';

export interface RestartOptions {
  /** Milliseconds before the first restart; each further one waits twice as long. Default 250. */
  readonly firstPauseMs?: number;
  /** Default 30 000. */
  readonly longestPauseMs?: number;
  /** So many restarts within `windowMs` after crashes, and no more; 0: none, whatever ended it; Infinity: always once more. Default 5. */
  readonly most?: number;
  /** Default 60 000. A crash counts for so long. */
  readonly windowMs?: number;
}

/** Checked options, with the defaults filled in. */
export function fillRestartOptions(options: RestartOptions = {}): Required<RestartOptions> {
  const { firstPauseMs = 250, longestPauseMs = 30_000, most = 5, windowMs = 60_000 } = options;
  return { firstPauseMs, longestPauseMs, most, windowMs };
}

/** Doubling further has no use, and ends in Infinity, which is no number to multiply by. */
const MAX_DOUBLINGS = 40;

interface Ended<Crash> {
  readonly at: number;
  readonly crash: Crash;
  readonly isEvidence: boolean;
}

/** When a process that has ended is started again. */
export class RestartPolicy<Crash> {
  readonly #options: Required<RestartOptions>;
  #ended: Ended<Crash>[] = [];

  constructor(options?: RestartOptions) {
    this.#options = fillRestartOptions(options);
  }

  /** The crashes that count, the latest last. */
  get crashes(): readonly Crash[] {
    return this.#evidence.map(({ crash }) => crash);
  }

  /**
   * Notes an end. Milliseconds to wait, or `undefined` where it is not to be started again. An end that the plugin did not
   * cause (`isEvidence` false) makes the next pause longer, and does not count as one of `most`.
   */
  next(crash: Crash, now = monotonicNow(), isEvidence = true): number | undefined {
    const { firstPauseMs, longestPauseMs, most, windowMs } = this.#options;
    this.#ended = this.#ended.filter(({ at }) => now - at < windowMs);
    this.#ended.push({ at: now, crash, isEvidence });
    if (most === 0 || this.#evidence.length > most) return undefined;
    const doublings = Math.min(this.#ended.length - 1, MAX_DOUBLINGS);
    const pause = Math.min(NEVER_MS, longestPauseMs, firstPauseMs * 2 ** doublings);
    // Half of it by chance, so that plugins that fell together do not rise together.
    return pause * (0.5 + Math.random() / 2);
  }

  get #evidence(): readonly Ended<Crash>[] {
    return this.#ended.filter(({ isEvidence }) => isEvidence);
  }
}
