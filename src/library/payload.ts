import { isAscii, isUtf8 } from 'node:buffer';
import { Block, addressOf, copyBytes, ownBuffer, terminatedLength, type Address } from './memory.js';

declare global {
  /** What `toString` comes down to once it has looked at its arguments. Undocumented; in every Node there is. */
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
  }
}

/** Up to here looking at the words ourselves is quicker than a call into Node. */
const SHORT = 256;
const NOT_ASCII = 0x8080_8080;

/** Quicker than `subarray` of a Buffer. */
const partOf = (block: Block, length: number): Uint8Array => new Uint8Array(block.bytes.buffer, 0, length);

function isAsciiIn(block: Block, length: number): boolean {
  if (length > SHORT) return isAscii(partOf(block, length));
  const { bytes, words } = block;
  let bits = 0;
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) bits |= words[i]!;
  for (let i = whole << 2; i < length; i++) bits |= bytes[i]!;
  return (bits & NOT_ASCII) === 0;
}

/** The text in the first `length` bytes, or `undefined` where it is not UTF-8. Latin-1 is the quick way for ASCII. */
export function decodeText(block: Block, length: number): string | undefined {
  if (isAsciiIn(block, length)) return block.bytes.latin1Slice(0, length);
  return isUtf8(partOf(block, length)) ? block.bytes.utf8Slice(0, length) : undefined;
}

/** The same where any text is better than none: bytes that are no UTF-8 show as U+FFFD. */
export function decodeLossily(block: Block, length: number): string {
  return isAsciiIn(block, length) ? block.bytes.latin1Slice(0, length) : block.bytes.utf8Slice(0, length);
}

/** One block for all short foreign bytes, since making one costs more than reading it. */
const scratch = new Block(65_536);

/**
 * Foreign bytes in memory of our own, good until the next call: take what is needed out at once. The caller has bounded
 * `length` and vouches for the pointer.
 */
export function borrow(from: Address, length: number): Block {
  const block = length <= scratch.length ? scratch : new Block(length);
  copyBytes(block.address, from, length);
  return block;
}

/** A copy of foreign bytes, the caller's to keep. */
export function copyOf(from: Address, length: number): Buffer {
  const bytes = ownBuffer(length);
  copyBytes(addressOf(bytes), from, length);
  return bytes;
}

/** The NUL-terminated text at `from`; `undefined` where it is not UTF-8, or longer than `limit` bytes. */
export function readTerminated(from: Address, limit: number): string | undefined {
  const length = terminatedLength(from, limit);
  return length === undefined ? undefined : decodeText(borrow(from, length), length);
}
