import { Buffer } from 'node:buffer';

/**
 * A frame is: u32 length of the rest, u32 length of the header, the header (UTF-8 JSON), the payload (raw bytes). Lengths are
 * little-endian. Payloads are not part of the JSON, so that megabytes of text are not escaped and parsed a second time.
 */
const LENGTHS_BYTES = 8;
export const MAX_HEADER_BYTES = 1 << 20;
const INITIAL_BYTES = 64 << 10;
/** An empty buffer that is larger than this is replaced by a small one. */
const MAX_KEPT_BYTES = 1 << 20;

export interface Frame {
  /** The result of JSON.parse, not validated. */
  readonly header: unknown;
  /** Valid until the next frame is read. */
  readonly payload: Buffer;
}

export function encodeFrame(header: object, payload: string | Uint8Array = ''): Buffer {
  const json = JSON.stringify(header);
  const headerLength = Buffer.byteLength(json);
  const payloadLength = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const frame = Buffer.allocUnsafe(LENGTHS_BYTES + headerLength + payloadLength);
  frame.writeUInt32LE(4 + headerLength + payloadLength, 0);
  frame.writeUInt32LE(headerLength, 4);
  frame.write(json, LENGTHS_BYTES);
  if (typeof payload === 'string') frame.write(payload, LENGTHS_BYTES + headerLength);
  else frame.set(payload, LENGTHS_BYTES + headerLength);
  return frame;
}

/** The peer sent an invalid frame. `message` completes "the peer sent …". */
export class FrameError extends Error {}

/** Splits a byte stream into frames. Allocates for the bytes that arrived, never for a length that a peer merely announced. */
export class FrameReader {
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #start = 0;
  #end = 0;

  constructor(private readonly maxPayloadBytes: number) {}

  /** Passes each complete frame to `take`, until that returns false. @throws FrameError; the stream cannot be read further. */
  push(bytes: Buffer, take: (frame: Frame) => boolean): void {
    this.#append(bytes);
    for (;;) {
      const length = this.#frameLength();
      if (length === undefined || this.#end - this.#start < length) return;
      const frame = this.#frame(length);
      this.#start += length;
      if (!take(frame)) return;
    }
  }

  /** The length of the first frame, including its two length fields; `undefined` until those have arrived. */
  #frameLength(): number | undefined {
    if (this.#end - this.#start < LENGTHS_BYTES) return undefined;
    const rest = this.#buffer.readUInt32LE(this.#start);
    const header = this.#buffer.readUInt32LE(this.#start + 4);
    if (header > MAX_HEADER_BYTES) throw new FrameError(`a header of ${header} bytes, over the limit of ${MAX_HEADER_BYTES}`);
    const payload = rest - 4 - header;
    if (payload < 0) throw new FrameError(`a frame of ${rest} bytes with a header of ${header}`);
    if (payload > this.maxPayloadBytes) {
      throw new FrameError(`a payload of ${payload} bytes, over the limit of ${this.maxPayloadBytes}`);
    }
    return 4 + rest;
  }

  #frame(length: number): Frame {
    const frame = this.#buffer.subarray(this.#start, this.#start + length);
    const headerEnd = LENGTHS_BYTES + frame.readUInt32LE(4);
    const json = frame.toString('utf8', LENGTHS_BYTES, headerEnd);
    return { header: parse(json), payload: frame.subarray(headerEnd) };
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
