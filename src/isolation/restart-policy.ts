export interface RestartOptions {
  /** Milliseconds before the first restart; each further one waits twice as long. Default 250. */
  readonly firstPauseMs?: number;
  /** Default 30 000. */
  readonly longestPauseMs?: number;
  /** So many restarts within `windowMs`, and no more. Default 5. */
  readonly most?: number;
  /** Default 60 000. A crash counts for so long. */
  readonly windowMs?: number;
}

/** When a process that has crashed is started again. */
export class RestartPolicy {
  readonly #options: Required<RestartOptions>;
  #crashes: number[] = [];

  constructor(options: RestartOptions = {}) {
    this.#options = { firstPauseMs: 250, longestPauseMs: 30_000, most: 5, windowMs: 60_000, ...options };
  }

  /** How many crashes count. */
  get recent(): number {
    return this.#crashes.length;
  }

  /** Notes a crash. Milliseconds to wait, or `undefined` where it is not to be started again. */
  next(now = performance.now()): number | undefined {
    const { firstPauseMs, longestPauseMs, most, windowMs } = this.#options;
    this.#crashes = this.#crashes.filter((at) => now - at < windowMs);
    this.#crashes.push(now);
    if (this.#crashes.length > most) return undefined;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#crashes.length - 1));
    // Half of it by chance, so that plugins that fell together do not rise together.
    return pause * (0.5 + Math.random() / 2);
  }
}
