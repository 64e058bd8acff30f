import { LoadError } from '../../errors/index.js';

const MAX_LINES = 30;
const MAX_LENGTH = 500;
/** What Node prints around the message of an error that ends a program. */
const NOISE = /^(?:\s|Node\.js v)/;

/** What a process prints to standard error before it is ready. No plugin has run then, so if it ends, this says why. */
export class StartOutput {
  #lines: string[] | undefined = [];

  add(line: string): void {
    if (this.#lines === undefined) return;
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  /** It is ready. */
  stop(): void {
    this.#lines = undefined;
  }

  /** The error, with what was printed. */
  explain(error: unknown): unknown {
    const lines = this.#lines?.filter((line) => !NOISE.test(line)) ?? [];
    const text = lines.find((line) => /^[A-Za-z]*Error\b.*: /.test(line)) ?? lines.at(-1);
    if (!(error instanceof LoadError) || error.code !== 'ERR_CHILD_PROCESS' || text === undefined) return error;
    return new LoadError('ERR_CHILD_PROCESS', { reason: `${error.reason}: ${text.slice(0, MAX_LENGTH)}`, advice: error.advice }, { cause: error });
  }
}
