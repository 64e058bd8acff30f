import { TokenBucket } from '../options/token-bucket.js';

/** Lines that a log takes of one plugin; one of a KiB more counts as one more. */
const LINES_PER_SECOND = 1000;
const LINES_AT_ONCE = 5000;

/** Lets lines through to a log as long as there are not too many, and has it said how many there would have been. */
export class LineGate {
  readonly #budget = new TokenBucket(LINES_PER_SECOND, LINES_AT_ONCE);
  #dropped = 0;

  /** Nothing would come through now. Once shut, it stays so until there is room for many: else each line would come with a word on those dropped before. */
  get isShut(): boolean {
    return this.#dropped > 0 && !this.#budget.has(1 + LINES_PER_SECOND);
  }

  /** `say` gets a line about those that were dropped before, then `pass` is called; or neither. */
  through(length: number, say: (line: string) => void, pass: () => void): void {
    if (this.isShut || !this.#budget.spend(1 + Math.floor(length / 1024))) {
      this.drop(1);
      return;
    }
    this.flush(say);
    pass();
  }

  /** Counts lines that nobody need look at while it is shut. */
  drop(count: number): void {
    this.#dropped += count;
  }

  /** Says it now, at the end. */
  flush(say: (line: string) => void): void {
    if (this.#dropped === 0) return;
    say(`${this.#dropped} lines were dropped here: more than ${LINES_PER_SECOND} came in a second`);
    this.#dropped = 0;
  }
}
