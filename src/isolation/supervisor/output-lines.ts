import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { plainLine } from '../../log/plain-line.js';
import { setTimeout } from '../../machine/node-timers.js';
import { TokenBucket } from '../../options/token-bucket.js';
import { LogRateLimiter } from '../../log/log-rate-limiter.js';

/** Of a line that is longer the rest is left out. */
const MAX_LINE_LENGTH = 8192;
/** As many characters have no more bytes. */
const MAX_KEPT_BYTES = MAX_LINE_LENGTH * 3;
const LINE_FEED = 10;

/** What is read of a stream. Whoever prints more waits in its write, as for any pipe whose reader is slow. */
const BYTES = { perSecond: 16 << 20, atOnce: 4 << 20 };
const MIN_PAUSE_MS = 20;

/** Hands on what comes out of `stream` line by line, bounded in length and number. The last line may lack its end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const limiter = new LogRateLimiter();
  const pace = new TokenBucket(BYTES.perSecond, BYTES.atOnce);
  const line = new LineBuffer();
  const end = (): void => {
    limiter.log(line.length, onLine, () => {
      const text = line.text;
      if (text.trim() !== '') onLine(plainLine(text));
    });
    line.clear();
  };
  const take = (bytes: Buffer): void => {
    let start = 0;
    for (;;) {
      // What nobody is to see is only counted: to take it apart costs a hundred times as much.
      if (limiter.isDropping) start = dropWholeLines(bytes, start, limiter, line);
      const stop = bytes.indexOf(LINE_FEED, start);
      line.add(stop === -1 ? bytes.subarray(start) : bytes.subarray(start, stop));
      if (stop === -1) return;
      end();
      start = stop + 1;
    }
  };
  stream.on('data', (bytes: Buffer) => {
    take(bytes);
    const owedMs = pace.owe(bytes.length);
    if (owedMs === 0) return;
    stream.pause();
    setTimeout(() => stream.resume(), Math.max(MIN_PAUSE_MS, owedMs)).unref();
  });
  stream.on('error', () => undefined); // the process's end is told of elsewhere
  stream.on('close', () => {
    if (line.length > 0) end();
    limiter.flush(onLine);
  });
}

/** Counts the lines that end in `bytes` from `start` on, the one that had begun before included. Returns where the last begins. */
function dropWholeLines(bytes: Buffer, start: number, limiter: LogRateLimiter, begun: LineBuffer): number {
  let count = 0;
  let after = start;
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== LINE_FEED) continue;
    count++;
    after = at + 1;
  }
  limiter.drop(count);
  if (count > 0) begun.clear();
  return after;
}

/** A line as it comes: its first bytes, and whether there were more. */
class LineBuffer {
  #pieces: Buffer[] = [];
  #length = 0;
  #isCut = false;

  /** Bytes that are kept. */
  get length(): number {
    return this.#length;
  }

  get text(): string {
    const whole = Buffer.concat(this.#pieces).toString('utf8');
    if (!this.#isCut && whole.length <= MAX_LINE_LENGTH) return whole.replace(/\r$/, '');
    return `${whole.slice(0, MAX_LINE_LENGTH)} … (cut at ${MAX_LINE_LENGTH} characters)`;
  }

  add(bytes: Buffer): void {
    const room = MAX_KEPT_BYTES - this.#length;
    this.#isCut ||= bytes.length > room;
    if (room <= 0 || bytes.length === 0) return;
    const piece = Buffer.from(bytes.subarray(0, room)); // a copy: what it is a part of may be large
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#isCut = false;
  }
}
