/**
 * The headers of the messages that each invocation needs. They have a fixed layout and are checked by hand; all other messages
 * have a header of JSON. With the two lengths of the frame (frames.ts) such a header has 32 bytes, little-endian:
 *
 *      0  u32  length of the rest
 *      4  u32  length of the header: 24
 *      8  u8   type; no JSON text begins with such a byte
 *      9  u8   flags
 *     10  u16  detail
 *     12  u32  first operand
 *     16  u48  id of the invocation
 *     22  u16  number of sections
 *     24  u32  second operand
 *     28  u32  third operand
 *
 *              flags            detail   first   second      third
 *     invoke   chunks, drain    method   plugin  capability  chain length
 *     credit                             chunks  bytes       bytes / 2^32
 *     chunk    is text          tag
 *
 * What a message does not use is 0.
 *
 * Sections are data of a call beside its payload. Each is a u32 length and its bytes, between these 32 bytes and the payload, and counts
 * as part of the header: its length says where the payload begins, and MAX_HEADER_BYTES limits all sections together. An invoke has one if
 * it has a context: its JSON text. To add one, let `checkLengths` accept it for its types, and raise PROTOCOL_VERSION.
 */
import { Buffer } from 'node:buffer';
import { TAGS } from '../../abi/constants.js';
import { FrameError } from './frame-error.js';
import type { BinaryMessage } from './messages.js';

type BinaryType = BinaryMessage['type'];

export const BINARY_HEADER_BYTES = 24;
/** The length of a section. */
const LENGTH_BYTES = 4;

/** The number of a type is its index here. */
const TYPES = [undefined, 'invoke', 'cancel', 'credit', 'pending', 'chunk', 'result', 'returned'] as const;
const NUMBERS = new Map<string, number>(TYPES.flatMap((type, number) => (type === undefined ? [] : [[type, number]])));
/** Types are less than this. JSON text begins with a larger byte. */
const END_OF_TYPES = 0x20;

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const NONE = { flags: 0, detail: 0, first: 0, second: 0, third: 0, hasPayload: false };

/** The largest value of each field, and whether the message may have a payload. */
const LIMITS: Readonly<Record<BinaryType, typeof NONE>> = {
  invoke: { flags: 3, detail: U8, first: U32, second: U32, third: U32, hasPayload: true },
  cancel: NONE,
  credit: { ...NONE, first: U32, second: U32, third: U16 },
  pending: NONE,
  chunk: { ...NONE, flags: 1, detail: TAGS.length - 1, hasPayload: true },
  result: { ...NONE, hasPayload: true },
  returned: NONE,
};

export const isBinary = (message: { readonly type: string }): message is BinaryMessage => NUMBERS.has(message.type);

/** Whether the header that begins with this byte is binary. */
export const beginsBinary = (byte: number | undefined): boolean => byte !== undefined && byte < END_OF_TYPES;

/** How many bytes `writeBinaryHeader` writes. */
export const binaryHeaderBytes = (message: BinaryMessage): number =>
  message.type === 'invoke' && message.context !== undefined ? BINARY_HEADER_BYTES + LENGTH_BYTES + Buffer.byteLength(message.context) : BINARY_HEADER_BYTES;

/** Writes the header, without the frame's lengths, to `at`. @throws RangeError if a number has no room in its field */
export function writeBinaryHeader(message: BinaryMessage, to: Buffer, at: number): void {
  let [flags, detail, first, second, third] = [0, 0, 0, 0, 0];
  switch (message.type) {
    case 'invoke':
      flags = (message.chunks ? 1 : 0) | (message.drain ? 2 : 0);
      detail = message.method;
      first = message.plugin;
      second = message.capability;
      third = message.chainLength;
      break;
    case 'credit':
      first = message.chunks;
      second = message.bytes >>> 0;
      third = Math.floor(message.bytes / (U32 + 1));
      break;
    case 'chunk':
      flags = message.isText ? 1 : 0;
      detail = TAGS.indexOf(message.tag);
      break;
    case 'cancel':
    case 'pending':
    case 'result':
    case 'returned':
  }
  to[at] = NUMBERS.get(message.type) ?? 0;
  to[at + 1] = flags;
  to.writeUInt16LE(detail, at + 2);
  to.writeUInt32LE(first, at + 4);
  to.writeUIntLE(message.id, at + 8, 6);
  to.writeUInt32LE(second, at + 16);
  to.writeUInt32LE(third, at + 20);
  to.writeUInt16LE(writeContext(message, to, at + BINARY_HEADER_BYTES), at + 14);
}

/** Returns the number of sections. */
function writeContext(message: BinaryMessage, to: Buffer, at: number): number {
  if (message.type !== 'invoke' || message.context === undefined) return 0;
  to.writeUInt32LE(to.write(message.context, at + LENGTH_BYTES), at);
  return 1;
}

/**
 * Reads the header of `length` bytes at `at`, which is one of `types`, the types that the peer may send.
 * @throws FrameError
 */
export function readBinaryHeader<T extends BinaryType>(from: Buffer, at: number, length: number, payload: number, types: ReadonlySet<T>): BinaryMessage & { readonly type: T } {
  const number = from[at] ?? 0;
  const type = TYPES[number];
  if (type === undefined || !isOneOf(types, type)) throw new FrameError(`a header of type ${number}, which it cannot send`);
  checkLengths(type, from, at, length, payload);
  const flags = from[at + 1] ?? 0;
  const detail = from.readUInt16LE(at + 2);
  const first = from.readUInt32LE(at + 4);
  const id = from.readUIntLE(at + 8, 6);
  const second = from.readUInt32LE(at + 16);
  const third = from.readUInt32LE(at + 20);
  const limits = LIMITS[type];
  if (flags > limits.flags) throw outOfRange(type, 'flags', flags);
  if (detail > limits.detail) throw outOfRange(type, 'detail', detail);
  if (first > limits.first) throw outOfRange(type, 'first operand', first);
  if (id === 0) throw outOfRange(type, 'id', id);
  if (second > limits.second) throw outOfRange(type, 'second operand', second);
  if (third > limits.third) throw outOfRange(type, 'third operand', third);
  const context = length > BINARY_HEADER_BYTES ? from.toString('utf8', at + BINARY_HEADER_BYTES + LENGTH_BYTES, at + length) : undefined;
  return messageOf(type, { id, flags, detail, first, second, third, context }) as BinaryMessage & { readonly type: T };
}

interface Fields extends Readonly<Omit<typeof NONE, 'hasPayload'>> {
  readonly id: number;
  readonly context: string | undefined;
}

function messageOf(type: BinaryType, { id, flags, detail, first, second, third, context }: Fields): BinaryMessage {
  switch (type) {
    case 'invoke':
      return { type, id, plugin: first, capability: second, method: detail, chainLength: third, chunks: (flags & 1) !== 0, drain: (flags & 2) !== 0, ...(context !== undefined && { context }) };
    case 'credit':
      return { type, id, chunks: first, bytes: second + third * (U32 + 1) };
    case 'chunk':
      return { type, id, tag: TAGS[detail] ?? 'none', isText: flags === 1 };
    case 'cancel':
    case 'pending':
    case 'result':
    case 'returned':
      return { type, id };
  }
}

function checkLengths(type: BinaryType, from: Buffer, at: number, length: number, payload: number): void {
  const sections = length < BINARY_HEADER_BYTES ? 0 : from.readUInt16LE(at + 14);
  if (sections > 0 && !isOneSection(type, from, at, length, sections)) throw new FrameError(`a ${type} with ${sections} sections`);
  if (sections === 0 && length !== BINARY_HEADER_BYTES) throw new FrameError(`a header of ${length} bytes for a ${type}`);
  if (payload > 0 && !LIMITS[type].hasPayload) throw new FrameError(`a ${type} with a payload of ${payload} bytes`);
}

/** Whether the sections are those of an invoke with a context, and have this length. */
function isOneSection(type: BinaryType, from: Buffer, at: number, length: number, sections: number): boolean {
  const bytes = length - BINARY_HEADER_BYTES - LENGTH_BYTES;
  return type === 'invoke' && sections === 1 && bytes >= 0 && from.readUInt32LE(at + BINARY_HEADER_BYTES) === bytes;
}

const isOneOf = <T extends BinaryType>(types: ReadonlySet<T>, type: BinaryType): type is T => (types as ReadonlySet<BinaryType>).has(type);

const outOfRange = (type: BinaryType, field: string, value: number): FrameError => new FrameError(`a ${type} with ${field} ${value}`);
