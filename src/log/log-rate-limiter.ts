import { TokenBucket } from '../options/token-bucket.js';

/** How many lines one plugin may log. Each KiB of a line counts as one more line. */
const LINES_PER_SECOND = 1000;
const BURST_LINES = 5000;

/** Limits the rate of a plugin's log lines, and reports how many were dropped. */
export class LogRateLimiter {
  readonly #bucket = new TokenBucket(LINES_PER_SECOND, BURST_LINES);
  #dropped = 0;

  /**
   * True while every line is dropped. Dropping goes on until a second's worth of lines is allowed again; otherwise every
   * other line would be a report about dropped lines.
   */
  get isDropping(): boolean {
    return this.#dropped > 0 && !this.#bucket.has(1 + LINES_PER_SECOND);
  }

  /** Writes a line with `write`, after a report about earlier dropped lines; or drops the line. */
  log(length: number, report: (line: string) => void, write: () => void): void {
    if (this.isDropping || !this.#bucket.spend(1 + Math.floor(length / 1024))) {
      this.drop(1);
      return;
    }
    this.flush(report);
    write();
  }

  /** Counts lines that the caller dropped itself. */
  drop(count: number): void {
    this.#dropped += count;
  }

  /** Reports the dropped lines now. */
  flush(report: (line: string) => void): void {
    if (this.#dropped === 0) return;
    report(`${this.#dropped} lines were dropped here: more than ${LINES_PER_SECOND} came in a second`);
    this.#dropped = 0;
  }
}
