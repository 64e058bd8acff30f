import { monotonicNow } from '../machine/node-timers.js';

/** So much a second on average, and so much at once. */
export class Budget {
  #left: number;
  #at = monotonicNow();

  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.#left = atOnce;
  }

  has(cost: number): boolean {
    this.#refill();
    return this.#left >= cost;
  }

  /** Whether `cost` was left, and `reserve` beside it; then `cost` is spent now. */
  spend(cost: number, reserve = 0): boolean {
    if (!this.has(cost + reserve)) return false;
    this.#left -= cost;
    return true;
  }

  /** Spends what is there, and what is not. Returns in how many milliseconds nothing is owed any more. */
  owe(cost: number): number {
    this.#refill();
    this.#left -= cost;
    return Math.max(0, (-this.#left / this.perSecond) * 1000);
  }

  #refill(): void {
    const now = monotonicNow();
    this.#left = Math.min(this.atOnce, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
  }
}

/** Lines that a log takes of one plugin; one of a KiB more counts as one more. */
const LINES_PER_SECOND = 1000;
const LINES_AT_ONCE = 5000;

/** Lets lines through to a log as long as there are not too many, and has it said how many there would have been. */
export class LineGate {
  readonly #budget = new Budget(LINES_PER_SECOND, LINES_AT_ONCE);
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
