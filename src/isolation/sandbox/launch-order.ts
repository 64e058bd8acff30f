import { Buffer } from 'node:buffer';
import { readSync } from 'node:fs';
import type { Policy } from './policy.js';
import { jsonText } from '../../options/json-text.js';

/** What a launcher waits for. It starts while the host still finds out what the plugin may reach. */
export interface LaunchOrder {
  readonly policy: Policy;
  /** The environment of the program that it becomes. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LENGTH_BYTES = 4;

/** The order as the first bytes of the connection. */
export function encodeOrder(order: LaunchOrder): Buffer {
  const text = Buffer.from(jsonText(order));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/** Waits for the order, and reads nothing of what comes after it. Returns `undefined` if the host gives none: it has ended, or needs no child. */
export function readOrder(fd: number): LaunchOrder | undefined {
  const length = readExactly(fd, LENGTH_BYTES)?.readUInt32LE();
  const text = length === undefined ? undefined : readExactly(fd, length);
  return text === undefined ? undefined : (JSON.parse(text.toString()) as LaunchOrder);
}

function readExactly(fd: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSome(fd, bytes, at);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

const PAUSE_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4));

/** The descriptor waits, unless a host that does not run on Node made it. */
function readSome(fd: number, bytes: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(fd, bytes, at, bytes.length - at, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return 0; // the connection was reset
      Atomics.wait(never, 0, 0, PAUSE_MS);
    }
  }
}
