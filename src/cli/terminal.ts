import type { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Where a command prints: results to `out`, complaints to `err`. */
export interface Terminal {
  readonly out: Writable;
  readonly err: Writable;
  /** Columns to fill; 100 for a pipe. */
  readonly width: number;
  style(style: Style, text: string): string;
}

/** NO_COLOR (any value) and a pipe turn colours off; FORCE_COLOR turns them on. */
function wantsColour(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY && env.TERM !== 'dumb';
}

export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const colour = wantsColour(process.stdout, env);
  return {
    out: process.stdout,
    err: process.stderr,
    width: process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 100,
    // Whether to colour is decided above, once; styleText's own look at the stream differs between Node versions.
    style: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
}

export const printLine = (stream: Writable, text = ''): void => void stream.write(`${text}\n`);

/** What a stranger wrote, safe to print: a name must not move the cursor or recolour the screen. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
}
