import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Finding, Subject } from './check.js';

/** What the process of a check is asked to do. */
export interface IsolatedRequest {
  readonly checkId: string;
  readonly subject: Subject;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly temporaryFolder: string;
  readonly gate: string | undefined;
  /** The file for its events. */
  readonly events: string;
}

/** What the process of a check tells. `done` is the last one of a process that neither crashed nor hung. */
export type IsolatedEvent =
  | { readonly type: 'step'; readonly description: string }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'done' };

/**
 * Writes events to a file, each before `write` returns: a pipe would lose the last ones when the process crashes, and they say
 * what it was doing.
 */
export class EventWriter {
  readonly #fd: number;

  constructor(file: string) {
    this.#fd = openSync(file, 'a');
  }

  write(event: IsolatedEvent): void {
    writeSync(this.#fd, `${JSON.stringify(event)}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** What the process began to do last. */
export const lastStep = (events: readonly IsolatedEvent[]): string | undefined =>
  events.flatMap((event) => (event.type === 'step' ? [event.description] : [])).at(-1);

/** The events so far. A line that was not written completely is left out. */
export function readEvents(file: string): readonly IsolatedEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line) as IsolatedEvent);
}
