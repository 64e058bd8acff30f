import { NEVER_MS } from '../../options/never.js';
import { monotonicNow } from '../../machine/node-timers.js';

export interface RestartOptions {
  /** Milliseconds before the first restart; each later pause is twice as long. Default 250. */
  readonly firstPauseMs?: number;
  /** Maximum of those pauses in milliseconds. Default 30 000. */
  readonly longestPauseMs?: number;
  /** Maximum number of restarts after crashes within `windowMs`. 0: never restart, whatever ended the process. Infinity: no limit. Default 5. */
  readonly most?: number;
  /** How many milliseconds a crash counts. Default 60 000. */
  readonly windowMs?: number;
}

/** Checked options, with the defaults filled in. */
export function fillRestartOptions(options: RestartOptions = {}): Required<RestartOptions> {
  const { firstPauseMs = 250, longestPauseMs = 30_000, most = 5, windowMs = 60_000 } = options;
  return { firstPauseMs, longestPauseMs, most, windowMs };
}

/** Further doubling would reach Infinity, and 0 * Infinity is NaN. */
const MAX_DOUBLINGS = 40;

interface RecordedEnd<Crash> {
  readonly at: number;
  readonly crash: Crash;
  readonly isEvidence: boolean;
}

/** Decides when, and whether, a process that has ended is restarted. */
export class RestartPolicy<Crash> {
  readonly #options: Required<RestartOptions>;
  #ends: RecordedEnd<Crash>[] = [];

  constructor(options?: RestartOptions) {
    this.#options = fillRestartOptions(options);
  }

  /** The crashes that count, oldest first. */
  get crashes(): readonly Crash[] {
    return this.#evidence.map(({ crash }) => crash);
  }

  /**
   * Records an end. Returns the milliseconds to wait, or `undefined` for no restart. If the plugin did not cause the end
   * (`isEvidence` false), the next pause is longer, but the end does not count as a crash.
   */
  next(crash: Crash, now = monotonicNow(), isEvidence = true): number | undefined {
    const { firstPauseMs, longestPauseMs, most: maxRestarts, windowMs } = this.#options;
    this.#ends = this.#ends.filter(({ at }) => now - at < windowMs);
    this.#ends.push({ at: now, crash, isEvidence });
    if (maxRestarts === 0 || this.#evidence.length > maxRestarts) return undefined;
    const doublings = Math.min(this.#ends.length - 1, MAX_DOUBLINGS);
    const pause = Math.min(NEVER_MS, longestPauseMs, firstPauseMs * 2 ** doublings);
    // Jitter, so that plugins that crashed together do not all restart at once.
    return pause * (0.5 + Math.random() / 2);
  }

  get #evidence(): readonly RecordedEnd<Crash>[] {
    return this.#ends.filter(({ isEvidence }) => isEvidence);
  }
}
