import { Buffer } from 'node:buffer';
import { beginsBinary, binaryHeaderBytes, isBinary, readBinaryHeader, writeBinaryHeader } from './binary-header.js';
import { FrameError } from './frame-error.js';
import type { BinaryMessage, ChildMessage, HostMessage } from './messages.js';
import { jsonText } from '../../options/json-text.js';

/**
 * A frame is: u32 length of the rest, u32 length of the header, the header, the payload (raw bytes). Lengths are little-endian.
 * The header is binary (binary-header.ts) or UTF-8 JSON. Payloads are not part of the JSON, so that megabytes of text are not
 * escaped and parsed a second time.
 */
const LENGTHS_BYTES = 8;
export const MAX_HEADER_BYTES = 1 << 20;
const INITIAL_BYTES = 64 << 10;
/** An empty buffer that is larger than this is replaced by a small one. */
const MAX_KEPT_BYTES = 1 << 20;

/** How one end reads the messages `M` of the other. */
export interface MessageReading<M> {
  /** The binary headers that the other end may send. */
  readonly binaryTypes: ReadonlySet<Extract<M, BinaryMessage>['type']>;
  /** Checks the result of JSON.parse. Returns `undefined` if it is not a valid message. */
  readonly readJson: (header: unknown) => M | undefined;
}

/** Takes a message. The payload is valid until this returns. Returns whether to go on reading. */
export type TakeMessage<M> = (message: M, payload: Buffer) => boolean;

export function encodeFrame(message: HostMessage | ChildMessage, payload: string | Uint8Array = ''): Buffer {
  if (!isBinary(message)) return encodeJson(message, payload);
  const frame = allocate(binaryHeaderBytes(message), payload);
  writeBinaryHeader(message, frame, LENGTHS_BYTES);
  return frame;
}

function encodeJson(message: object, payload: string | Uint8Array): Buffer {
  const json = jsonText(message);
  const frame = allocate(Buffer.byteLength(json), payload);
  frame.write(json, LENGTHS_BYTES);
  return frame;
}

/** A frame that is complete except for its header. */
function allocate(headerLength: number, payload: string | Uint8Array): Buffer {
  const payloadLength = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const payloadBegin = LENGTHS_BYTES + headerLength;
  const frame = Buffer.allocUnsafe(payloadBegin + payloadLength);
  frame.writeUInt32LE(4 + headerLength + payloadLength, 0);
  frame.writeUInt32LE(headerLength, 4);
  if (typeof payload === 'string') frame.write(payload, payloadBegin);
  else frame.set(payload, payloadBegin);
  return frame;
}

/** Splits a byte stream into frames. Allocates for the bytes that arrived, never for a length that a peer merely announced. */
export class FrameReader<M> {
  /** The beginning of a frame whose rest has not arrived. */
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #start = 0;
  #end = 0;

  constructor(
    private readonly maxPayloadBytes: number,
    private readonly reading: MessageReading<M>,
  ) {}

  /** Passes each complete message to `take`, until that returns false. @throws FrameError; the stream cannot be read further. */
  push(bytes: Buffer, take: TakeMessage<M>): void {
    if (this.#start === this.#end) {
      const used = this.#readAll(bytes, 0, bytes.length, take);
      if (used < bytes.length) this.#append(bytes.subarray(used));
    } else {
      this.#append(bytes);
      this.#start = this.#readAll(this.#buffer, this.#start, this.#end, take);
    }
  }

  /** Reads the frames from `start` to `end`. Returns where the first incomplete one begins. */
  #readAll(bytes: Buffer, start: number, end: number, take: TakeMessage<M>): number {
    let at = start;
    for (;;) {
      const length = this.#frameLength(bytes, at, end);
      if (length === undefined || end - at < length) return at;
      const headerLength = bytes.readUInt32LE(at + 4);
      const payload = bytes.subarray(at + LENGTHS_BYTES + headerLength, at + length);
      const message = this.#readHeader(bytes, at + LENGTHS_BYTES, headerLength, payload.length);
      at += length;
      if (!take(message, payload)) return end; // nothing more is read
    }
  }

  /** The length of the first frame, including its two length fields; `undefined` until those have arrived. */
  #frameLength(bytes: Buffer, at: number, end: number): number | undefined {
    if (end - at < LENGTHS_BYTES) return undefined;
    const rest = bytes.readUInt32LE(at);
    const header = bytes.readUInt32LE(at + 4);
    if (header > MAX_HEADER_BYTES) throw new FrameError(`a header of ${header} bytes, over the limit of ${MAX_HEADER_BYTES}`);
    const payload = rest - 4 - header;
    if (payload < 0) throw new FrameError(`a frame of ${rest} bytes with a header of ${header}`);
    if (payload > this.maxPayloadBytes) {
      throw new FrameError(`a payload of ${payload} bytes, over the limit of ${this.maxPayloadBytes}`);
    }
    return 4 + rest;
  }

  #readHeader(bytes: Buffer, at: number, length: number, payload: number): M {
    const { binaryTypes, readJson } = this.reading;
    if (length > 0 && beginsBinary(bytes[at])) return readBinaryHeader(bytes, at, length, payload, binaryTypes) as M;
    const message = readJson(parse(bytes.toString('utf8', at, at + length)));
    if (message === undefined) throw new FrameError('an invalid message');
    return message;
  }

  #append(bytes: Buffer): void {
    if (this.#start === this.#end) this.#shrink();
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    bytes.copy(this.#buffer, this.#end);
    this.#end += bytes.length;
  }

  /** The buffer is empty: reuse it from the start, or replace it if a large frame made it grow. */
  #shrink(): void {
    this.#start = this.#end = 0;
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  #makeRoom(more: number): void {
    const waiting = this.#buffer.subarray(this.#start, this.#end);
    const needed = waiting.length + more;
    // Doubling keeps the cost of copying linear, even if a frame arrives one byte at a time.
    const room = needed <= this.#buffer.length / 2 ? this.#buffer : Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    waiting.copy(room);
    this.#buffer = room;
    this.#start = 0;
    this.#end = waiting.length;
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new FrameError('a header that is not JSON');
  }
}
