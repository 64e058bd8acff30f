import { Buffer } from 'node:buffer';

/** The order of UTF-8 bytes, the same on every machine; the order of JavaScript strings is another. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
