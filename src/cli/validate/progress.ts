import type { Check } from './check.js';

/** One line on a terminal that says how far the checks are. Nothing if standard error is not a terminal. */
export class Progress {
  #done = 0;
  readonly #running = new Set<string>();

  constructor(
    private readonly total: number,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  start({ id }: Check): void {
    this.#running.add(id);
    this.#show();
  }

  end({ id }: Check): void {
    this.#running.delete(id);
    this.#done += 1;
    this.#show();
  }

  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }

  #show(): void {
    if (!this.stream.isTTY) return;
    const line = `${this.#done}/${this.total} ${[...this.#running].join(', ')}`;
    this.stream.write(`\r\x1b[K${line.slice(0, Math.max(20, this.stream.columns - 1))}`);
  }
}
