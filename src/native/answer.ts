import { Buffer } from 'node:buffer';
import { Format } from '../abi/constants.js';
import { Status, isStatus, statusName } from '../abi/status.js';
import type { Callee } from '../invocation/callee.js';
import { messageOf, type InvocationError } from '../errors/index.js';
import { failed, invalidReply, tooLarge } from '../invocation/errors.js';
import type { Address, Block, Opaque, ReplyFrame } from '../library/index.js';
import { PRIVATE_TEXT, borrow, type TextDecoders } from '../library/payload.js'; // not the index: see native-driver.ts

/** What native code returned, checked (rule 6). */
export type Answer =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }
  | { readonly kind: 'violation'; readonly expected: string; readonly found: string }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number };

/** Returns memory to the plugin that owns it: calls the C function at `release`. */
export type Releaser = (release: Address, argument: Opaque, owned: Address) => void;

const MAX_REASON = 8192;

/** Reads the payload of a reply: the answer in `status` and the first `length` bytes of `block`. */
export type ReadPayload = (status: number, format: number, block: Block, length: number, capacity: number) => Answer;

/** Reads the reply in `frame` after a call that returned `status`. If the plugin owns the memory, calls `release` exactly once. */
export function readReply(frame: ReplyFrame, status: number, limit: number, release: Releaser, read: ReadPayload = answerOf): Answer {
  const { owned, replyLength: length } = frame;
  if (owned === 0) {
    if (frame.release !== 0 && length > 0) return noMemory(length);
    return read(status, frame.replyFormat, frame.output, length, frame.output.length);
  }
  if (frame.release === 0) return { kind: 'violation', expected: 'owned memory with a release function', found: 'none' };
  try {
    if (length > limit) return { kind: 'too-large', bytes: length, limit };
    frame.growOutput(length);
    return read(status, frame.replyFormat, borrow(owned, length), length, limit);
  } finally {
    release(frame.release, frame.releaseArgument, owned);
  }
}

/** The same; a lack of memory is part of the answer. No caller would get it if it were thrown, and the process would end. */
export function readReplySafely(...args: Parameters<typeof readReply>): Answer {
  try {
    return readReply(...args);
  } catch (error) {
    return { kind: 'violation', expected: 'a reply that memory and a string have room for', found: messageOf(error) };
  }
}

/** The answer if the reply has `length` bytes, but the address is NULL. */
export const noMemory = (length: number): Answer => ({ kind: 'violation', expected: `an address of ${length} bytes`, found: 'NULL' });

/** The answer in `status` and the first `length` bytes of `block`. `length` comes from the plugin: it may be too large. */
export function answerOf(status: number, format: number, block: Block, length: number, capacity: number, decoders = PRIVATE_TEXT): Answer {
  if (status === Status.PENDING) return { kind: 'pending' };
  if (length > capacity) {
    return { kind: 'violation', expected: `at most ${capacity} bytes, the buffer's capacity`, found: `a length of ${length}` };
  }
  if (status !== Status.OK) {
    return isStatus(status)
      ? { kind: 'failed', status, reason: reasonIn(block, length, decoders) }
      : { kind: 'violation', expected: 'a status of the header', found: statusName(status) };
  }
  if (format !== Format.JSON) return { kind: 'violation', expected: 'JSON', found: `format ${format}` };
  // JSON neither begins nor ends with a zero byte. A lent buffer that was not written contains only zero bytes.
  if (length > 0 && (block.bytes[0] === 0 || block.bytes[length - 1] === 0)) {
    return { kind: 'violation', expected: `JSON of ${length} bytes`, found: 'zero bytes: the length is more than was written' };
  }
  const text = decoders.text(block, length);
  return text === undefined ? { kind: 'violation', expected: 'UTF-8', found: 'other bytes' } : { kind: 'ok', text };
}

/** Reads payloads that are bytes in any format. `onBytes` gets a copy. */
export const bytesReader = (onBytes: (bytes: Buffer) => void): ReadPayload => (status, format, block, length, capacity) => {
  if (status !== Status.OK || length > capacity) return answerOf(status, format, block, length, capacity);
  onBytes(Buffer.from(block.bytes.subarray(0, length)));
  return { kind: 'ok', text: '' };
};

/** The message of a failure. Invalid UTF-8 becomes U+FFFD: an imperfect message is better than none. */
function reasonIn(block: Block, length: number, decoders: TextDecoders): string {
  const text = decoders.lossyText(block, Math.min(length, MAX_REASON)).replace(/\0+$/, '');
  return text === '' ? 'the plugin gave no message' : text;
}

/** The error for an answer other than `ok`. */
export function errorOf(answer: Exclude<Answer, { kind: 'ok' | 'pending' }>, callee: Callee): InvocationError {
  switch (answer.kind) {
    case 'failed':
      return failed(callee, statusName(answer.status), answer.reason);
    case 'violation':
      return invalidReply(callee, answer.expected, answer.found);
    case 'too-large':
      return tooLarge(callee, 'a reply', answer.bytes, answer.limit);
  }
}
