import type { ChildProcess } from 'node:child_process';

/** Enough for the report of a sanitizer. */
const MAX_LENGTH = 65_536;

/** The end of what a process prints. */
export class TailOfOutput {
  #text = '';

  constructor({ stdout, stderr }: ChildProcess) {
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text = `${this.#text}${text}`.slice(-MAX_LENGTH);
      });
    }
  }

  get text(): string {
    return this.#text.trimEnd();
  }
}
