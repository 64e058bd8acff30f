import { Buffer } from 'node:buffer';
import type { OutputChunk } from '../capability/command-output.js';
import type { Progress } from '../capability/progress.js';
import { jsonText, printJson, printable, type Terminal } from './terminal.js';

/** Shows what a call sends, and its result. */
export interface Printer {
  readonly onChunk: (chunk: unknown) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onOutput: (chunk: OutputChunk) => void;
  /** Whether what is sent has been printed when the result comes. */
  readonly isLive: boolean;
  readonly print: (result: unknown) => void;
}

/** Prints each chunk on its own line as it arrives, then the result; progress goes to the error stream. */
export const streaming = (terminal: Terminal): Printer => ({
  onChunk: (chunk) => terminal.out.line(jsonText(asJson(chunk))),
  onProgress: ({ progress, total, message }) => {
    const parts = [total === undefined ? String(progress) : `${progress} of ${total}`, ...(message === undefined ? [] : [message])];
    terminal.err.line(terminal.err.style('dim', printable(parts.join(': '))));
  },
  onOutput: ({ stream, text }) => {
    for (const line of text.replace(/\n$/, '').split('\n')) terminal[stream === 'stdout' ? 'out' : 'err'].line(printable(line));
  },
  isLive: true,
  print: (result) => printJson(terminal, result),
});

/** Prints everything at the end, as one JSON object. */
export function collecting(terminal: Terminal): Printer {
  const chunks: unknown[] = [];
  const progress: Progress[] = [];
  return {
    onChunk: (chunk) => void chunks.push(asJson(chunk)),
    onProgress: (report) => void progress.push(report),
    onOutput: () => undefined,
    isLive: false,
    print: (result) => printJson(terminal, { chunks, ...(progress.length > 0 && { progress }), result }),
  };
}

const asJson = (chunk: unknown): unknown =>
  chunk instanceof Uint8Array ? { base64: Buffer.from(chunk).toString('base64') } : chunk;
