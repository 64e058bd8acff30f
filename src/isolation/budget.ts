/** So much a second on average, and so much at once. */
export class Budget {
  #left: number;
  #at = performance.now();

  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.#left = atOnce;
  }

  /** Whether `cost` was left, and `reserve` beside it; then `cost` is spent now. */
  spend(cost: number, reserve = 0): boolean {
    const now = performance.now();
    this.#left = Math.min(this.atOnce, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#left < cost + reserve) return false;
    this.#left -= cost;
    return true;
  }
}

/** Lines that a log takes of one plugin; one of a KiB more counts as one more. */
const LINES_PER_SECOND = 1000;
const LINES_AT_ONCE = 5000;

/** Lets lines through to a log as long as there are not too many, and has it said how many there would have been. */
export class LineGate {
  readonly #budget = new Budget(LINES_PER_SECOND, LINES_AT_ONCE);
  #dropped = 0;

  /** `say` gets a line about those that were dropped before, then `pass` is called; or neither. */
  through(length: number, say: (line: string) => void, pass: () => void): void {
    // Once shut, it stays so until there is room for many: else each line would come with a word on those dropped before.
    const reserve = this.#dropped > 0 ? LINES_PER_SECOND : 0;
    if (!this.#budget.spend(1 + Math.floor(length / 1024), reserve)) {
      this.#dropped++;
      return;
    }
    this.flush(say);
    pass();
  }

  /** Says it now, at the end. */
  flush(say: (line: string) => void): void {
    if (this.#dropped === 0) return;
    say(`${this.#dropped} lines were dropped here: more than ${LINES_PER_SECOND} came in a second`);
    this.#dropped = 0;
  }
}
