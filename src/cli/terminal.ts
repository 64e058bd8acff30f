import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** One of the two streams, each with its own colour setting. */
export interface Output {
  line(text?: string): void;
  style(style: Style, text: string): string;
}

/** The output of a command: results to `out`, errors to `err`. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  /** In columns; 100 for a pipe. */
  readonly width: number;
}

/** NO_COLOR (any value) and a pipe turn colours off; FORCE_COLOR turns them on. */
function wantsColour(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY && env.TERM !== 'dumb';
}

function outputOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output {
  const colour = wantsColour(stream, env);
  return {
    line: (text = '') => void stream.write(`${text}\n`),
    // Decided here, because styleText's own check of the stream differs between Node versions.
    style: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
}

export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  return {
    out: outputOf(process.stdout, env),
    err: outputOf(process.stderr, env),
    width: process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 100,
  };
}

/** Control characters, line separators, and characters that change the direction of text. */
const UNPRINTABLE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Makes untrusted text safe to print: it must not move the cursor, change colours or fake a line. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(UNPRINTABLE, '\ufffd');

/** JSON that is safe to print: the same value, with unprintable characters escaped. */
export function jsonText(value: unknown, indent?: number): string {
  const escape = (char: string): string => (char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return JSON.stringify(value, undefined, indent).replace(UNPRINTABLE, escape);
}

export const printJson = (terminal: Terminal, value: unknown): void => terminal.out.line(jsonText(value, 2));

/** Prints an error and its hint to the error stream. */
export function printError({ err }: Terminal, message: string | readonly string[], hint?: string): void {
  for (const line of [message].flat()) err.line(err.style('red', printable(line)));
  if (hint !== undefined) err.line(`→ ${printable(hint)}`);
}
