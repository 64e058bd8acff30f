import { Buffer } from 'node:buffer';

/** Compares by UTF-8 bytes, which is code point order; JavaScript compares UTF-16 code units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
