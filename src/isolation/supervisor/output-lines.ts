import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { plainLine } from '../../log/plain-line.js';
import { setTimeout } from '../../machine/node-timers.js';
import { TokenBucket } from '../../options/token-bucket.js';
import { LogRateLimiter } from '../../log/log-rate-limiter.js';

/** Longer lines are cut. */
const MAX_LINE_LENGTH = 8192;
/** At most 3 bytes of UTF-8 for each UTF-16 unit. */
const MAX_KEPT_BYTES = MAX_LINE_LENGTH * 3;
const LINE_FEED = 10;

/** Limits reading. A program that prints more blocks in its write, as with any pipe whose reader is slow. */
const READ_LIMIT = { perSecond: 16 << 20, burst: 4 << 20 };
const MIN_PAUSE_MS = 20;

/** Calls `onLine` for each line of `stream`, within limits of length and rate. The last line may lack its line feed. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const limiter = new LogRateLimiter();
  const pace = new TokenBucket(READ_LIMIT.perSecond, READ_LIMIT.burst);
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
      // Lines that are dropped are only counted: splitting them costs a hundred times as much.
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
  stream.on('error', () => undefined); // the end of the process is reported elsewhere
  stream.on('close', () => {
    if (line.length > 0) end();
    limiter.flush(onLine);
  });
}

/** Drops the lines that end in `bytes` after `start`, and the line begun before. Returns where the last, incomplete line begins. */
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

/** The first bytes of a line, and whether there were more. */
class LineBuffer {
  #pieces: Buffer[] = [];
  #length = 0;
  #isCut = false;

  /** Number of bytes kept. */
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
    const piece = Buffer.from(bytes.subarray(0, room)); // a copy, so that the larger buffer can be freed
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#isCut = false;
  }
}
