import { isAscii, isUtf8 } from 'node:buffer';
import { Block, addressOf, copyBytes, ownBuffer, terminatedLength, type Address } from './memory.js';

declare global {
  /** What `toString` calls after checking its arguments. Undocumented, but present in every version of Node. */
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
  }
}

/** Up to this many bytes, a loop is faster than a call into Node. */
const SHORT_BYTES = 256;
const NOT_ASCII = 0x8080_8080;

/** Faster than `subarray` of a Buffer. */
const partOf = (block: Block, length: number): Uint8Array => new Uint8Array(block.bytes.buffer, block.bytes.byteOffset, length);

function isAsciiIn(block: Block, length: number): boolean {
  if (length > SHORT_BYTES) return isAscii(partOf(block, length));
  const { bytes, words } = block;
  let bits = 0;
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) bits |= words[i]!;
  for (let i = whole << 2; i < length; i++) bits |= bytes[i]!;
  return (bits & NOT_ASCII) === 0;
}

/** The text in the first `length` bytes, or `undefined` if they are not UTF-8. Decoding ASCII as Latin-1 is faster. */
export function decodeText(block: Block, length: number): string | undefined {
  if (isAsciiIn(block, length)) return block.bytes.latin1Slice(0, length);
  return isUtf8(partOf(block, length)) ? block.bytes.utf8Slice(0, length) : undefined;
}

/** The same, but invalid UTF-8 becomes U+FFFD. */
export function decodeLossily(block: Block, length: number): string {
  return isAsciiIn(block, length) ? block.bytes.latin1Slice(0, length) : block.bytes.utf8Slice(0, length);
}

/** How to get text out of a block, or `undefined` if it is not UTF-8; and text in which invalid UTF-8 becomes U+FFFD. */
export interface TextDecoders {
  text(block: Block, length: number): string | undefined;
  lossyText(block: Block, length: number): string;
}

/** For memory that only this process uses. */
export const PRIVATE_TEXT: TextDecoders = { text: decodeText, lossyText: decodeLossily };

/**
 * For memory that another process may change meanwhile. ASCII is read once: whatever bytes are there then
 * make some string. Anything else is copied first, because a decoder that reads twice must not see two different texts.
 */
export const SHARED_TEXT: TextDecoders = {
  text: (block, length) => (isAsciiIn(block, length) ? block.bytes.latin1Slice(0, length) : decodeText(copyOfBlock(block, length), length)),
  lossyText: (block, length) => decodeLossily(copyOfBlock(block, length), length),
};

function copyOfBlock(block: Block, length: number): Block {
  const copy = new Block(length);
  copy.bytes.set(partOf(block, length));
  return copy;
}

/** One shared block for short reads, since allocating a block costs more than reading it. */
const scratch = new Block(65_536);

/**
 * Copies foreign bytes into a block that is valid only until the next call. The caller has checked `length` and guarantees
 * that the pointer is valid.
 */
export function borrow(from: Address, length: number): Block {
  const block = length <= scratch.length ? scratch : new Block(length);
  copyBytes(block.address, from, length);
  return block;
}

/** A copy of foreign bytes that the caller may keep. */
export function copyOf(from: Address, length: number): Buffer {
  const bytes = ownBuffer(length);
  copyBytes(addressOf(bytes), from, length);
  return bytes;
}

/** The NUL-terminated text at `from`, or `undefined` if it is not UTF-8 or is longer than `limit` bytes. */
export function readTerminated(from: Address, limit: number): string | undefined {
  const length = terminatedLength(from, limit);
  return length === undefined ? undefined : decodeText(borrow(from, length), length);
}
