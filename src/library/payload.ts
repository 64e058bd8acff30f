import { isAscii, isUtf8 } from 'node:buffer';
import { copyIn, ownBuffer, type Address } from './memory.js';

/** The text in `bytes[0, length)`, or `undefined` where it is not UTF-8. Latin-1 is the quick way for ASCII. */
export function decodeText(bytes: Buffer, length: number): string | undefined {
  if (length === 0) return '';
  const part = bytes.subarray(0, length);
  if (isAscii(part)) return bytes.toString('latin1', 0, length);
  return isUtf8(part) ? bytes.toString('utf8', 0, length) : undefined;
}

/** A copy of foreign bytes. The caller has bounded `length` and vouches for the pointer. */
export function copyOf(from: Address, length: number): Buffer {
  const bytes = ownBuffer(length);
  copyIn(bytes, from, length);
  return bytes;
}
