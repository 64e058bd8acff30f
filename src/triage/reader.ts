import { Buffer } from 'node:buffer';
import type { ByteSource } from './byte-source.js';
import { truncatedFile, MalformedFileError } from './malformed-file.js';

/** Byte order and address width of a file. */
export interface Encoding {
  readonly littleEndian: boolean;
  readonly bits: 32 | 64;
}

/** One record of a file, with its bounds already checked. Fields are addressed by their offset in the record. */
export class Fields {
  constructor(
    private readonly bytes: Buffer,
    private readonly encoding: Encoding,
  ) {}

  u8(offset: number): number {
    return this.bytes.readUInt8(offset);
  }

  u16(offset: number): number {
    return this.encoding.littleEndian ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    return this.encoding.littleEndian ? this.bytes.readUInt32LE(offset) : this.bytes.readUInt32BE(offset);
  }

  /** Loses precision above 2^53. No file is that large, so the bounds checks reject such a number anyway. */
  u64(offset: number): number {
    const low = this.encoding.littleEndian ? offset : offset + 4;
    const high = this.encoding.littleEndian ? offset + 4 : offset;
    return this.u32(high) * 2 ** 32 + this.u32(low);
  }

  /** A number as wide as an address. */
  word(offset: number): number {
    return this.encoding.bits === 64 ? this.u64(offset) : this.u32(offset);
  }

  /** Text in a field of fixed length, terminated by NUL or by the end of the field. */
  text(offset: number, length: number): string {
    const field = this.bytes.subarray(offset, offset + length);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end === -1 ? length : end);
  }
}

const STRING_PIECE = 256;

/** A bounds-checked view of a part of a file. */
export class Reader {
  constructor(
    readonly source: ByteSource,
    readonly encoding: Encoding,
    /** The name of this part, for error messages. */
    private readonly what = 'the file',
    readonly start = 0,
    readonly size = source.size - start,
  ) {}

  /** A smaller view. Its bounds are checked here, once. */
  window(what: string, offset: number, size: number): Reader {
    this.#check(offset, size);
    return new Reader(this.source, this.encoding, what, this.start + offset, size);
  }

  bytes(offset: number, length: number): Buffer {
    this.#check(offset, length);
    return this.source.read(this.start + offset, length);
  }

  fields(offset: number, length: number): Fields {
    return new Fields(this.bytes(offset, length), this.encoding);
  }

  u32(offset: number): number {
    return this.fields(offset, 4).u32(0);
  }

  /** NUL-terminated text of at most `limit` bytes. */
  cstring(offset: number, limit: number, encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const pieces: Buffer[] = [];
    for (let length = 0; length <= limit; ) {
      // One byte past the limit, for the NUL; at least one byte, so that the end of the view is an error and not an endless loop.
      const wanted = Math.min(STRING_PIECE, this.size - offset - length, limit + 1 - length);
      const piece = this.bytes(offset + length, Math.max(1, wanted));
      const end = piece.indexOf(0);
      pieces.push(piece);
      if (end !== -1) return (pieces.length === 1 ? piece : Buffer.concat(pieces)).toString(encoding, 0, length + end);
      length += piece.length;
    }
    throw new MalformedFileError(`names of at most ${limit} bytes in ${this.what}`, `a longer one at byte ${offset}`);
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    const end = this.start + offset + length;
    if (length >= 0 && end > this.source.size) throw truncatedFile(end, this.source.size);
    throw new MalformedFileError(`${this.what} of at least ${offset + length} bytes`, `${this.size} bytes`);
  }
}
