import { performance } from 'node:perf_hooks';
import { NEVER_MS } from '../options/never.js';

export interface RestartOptions {
  /** Milliseconds before the first restart; each further one waits twice as long. Default 250. */
  readonly firstPauseMs?: number;
  /** Default 30 000. */
  readonly longestPauseMs?: number;
  /** So many restarts within `windowMs`, and no more; Infinity: always once more. Default 5. */
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
const MOST_DOUBLINGS = 40;

/** When a process that has crashed is started again. */
export class RestartPolicy<Crash> {
  readonly #options: Required<RestartOptions>;
  #counted: { readonly at: number; readonly crash: Crash }[] = [];

  constructor(options?: RestartOptions) {
    this.#options = fillRestartOptions(options);
  }

  /** The crashes that count, the latest last. */
  get crashes(): readonly Crash[] {
    return this.#counted.map(({ crash }) => crash);
  }

  /** Notes a crash. Milliseconds to wait, or `undefined` where it is not to be started again. */
  next(crash: Crash, now = performance.now()): number | undefined {
    const { firstPauseMs, longestPauseMs, most, windowMs } = this.#options;
    this.#counted = this.#counted.filter(({ at }) => now - at < windowMs);
    this.#counted.push({ at: now, crash });
    if (this.#counted.length > most) return undefined;
    const doublings = Math.min(this.#counted.length - 1, MOST_DOUBLINGS);
    const pause = Math.min(NEVER_MS, longestPauseMs, firstPauseMs * 2 ** doublings);
    // Half of it by chance, so that plugins that fell together do not rise together.
    return pause * (0.5 + Math.random() / 2);
  }
}
