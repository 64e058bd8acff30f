import { Buffer } from 'node:buffer';

/**
 * A frame is: u32 length of the rest, u32 length of the header, the header (UTF-8 JSON), the payload (raw bytes). Little
 * endian. Payloads stay out of the JSON, so that text of megabytes is not escaped and parsed a second time.
 */
const LENGTHS = 8;
export const MAX_HEADER_BYTES = 1 << 20;
const INITIAL_ROOM = 64 << 10;
/** Room that is kept when a large frame has been read. */
const MAX_KEPT_BYTES = 1 << 20;

export interface Frame {
  /** As JSON.parse gave it: anything. */
  readonly header: unknown;
  /** Valid until the next frame is read. */
  readonly payload: Buffer;
}

export function encodeFrame(header: object, payload: string | Uint8Array = ''): Buffer {
  const json = JSON.stringify(header);
  const headerLength = Buffer.byteLength(json);
  const payloadLength = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const frame = Buffer.allocUnsafe(LENGTHS + headerLength + payloadLength);
  frame.writeUInt32LE(4 + headerLength + payloadLength, 0);
  frame.writeUInt32LE(headerLength, 4);
  frame.write(json, LENGTHS);
  if (typeof payload === 'string') frame.write(payload, LENGTHS + headerLength);
  else frame.set(payload, LENGTHS + headerLength);
  return frame;
}

/** What a peer sent is no frame. Its message says what was wrong, in words that follow "sent". */
export class FrameError extends Error {}

/** Takes frames out of a stream of bytes. Room is made for what has come, never for what a length only claims. */
export class FrameReader {
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_ROOM);
  #start = 0;
  #end = 0;

  constructor(private readonly mostPayloadBytes: number) {}

  /** Hands each whole frame to `take`, until it says stop. @throws FrameError; the stream is of no use from there. */
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

  /** Of the frame at the start, its lengths included; `undefined` where even those have not come. */
  #frameLength(): number | undefined {
    if (this.#end - this.#start < LENGTHS) return undefined;
    const rest = this.#buffer.readUInt32LE(this.#start);
    const header = this.#buffer.readUInt32LE(this.#start + 4);
    if (header > MAX_HEADER_BYTES) throw new FrameError(`a header of ${header} bytes, over the limit of ${MAX_HEADER_BYTES}`);
    const payload = rest - 4 - header;
    if (payload < 0) throw new FrameError(`a frame of ${rest} bytes with a header of ${header}`);
    if (payload > this.mostPayloadBytes) {
      throw new FrameError(`a payload of ${payload} bytes, over the limit of ${this.mostPayloadBytes}`);
    }
    return 4 + rest;
  }

  #frame(length: number): Frame {
    const frame = this.#buffer.subarray(this.#start, this.#start + length);
    const headerEnd = LENGTHS + frame.readUInt32LE(4);
    const json = frame.toString('utf8', LENGTHS, headerEnd);
    return { header: parse(json), payload: frame.subarray(headerEnd) };
  }

  #append(bytes: Buffer): void {
    if (this.#start === this.#end) this.#shrink();
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    bytes.copy(this.#buffer, this.#end);
    this.#end += bytes.length;
  }

  /** Nothing waits: start over, and let go of the room that one large frame took. */
  #shrink(): void {
    this.#start = this.#end = 0;
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_ROOM);
  }

  #makeRoom(more: number): void {
    const waiting = this.#buffer.subarray(this.#start, this.#end);
    const needed = waiting.length + more;
    // Doubling, so that a frame that comes a byte at a time costs as much to copy as it is long.
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
    throw new FrameError('a header that is no JSON');
  }
}
