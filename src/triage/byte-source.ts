import { Buffer } from 'node:buffer';
import { readSync } from 'node:fs';
import { truncatedFile } from './malformed-file.js';

/** Random access to bytes. Readers check bounds before they call, so a source does not. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** `length` bytes from `offset`. The result may share memory with a cache: do not keep or change it. */
  read(offset: number, length: number): Buffer;
}

export function bufferSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { size: buffer.length, read: (offset, length) => buffer.subarray(offset, offset + length) };
}

const PAGE_SIZE = 16 * 1024;
const MAX_CACHED_PAGES = 64;

/** An open file, read through a page cache, so that memory use does not grow with the file. Does not own `fd`. */
export class FileSource implements ByteSource {
  readonly #pages = new Map<number, Buffer>();

  constructor(
    private readonly fd: number,
    readonly size: number,
  ) {}

  read(offset: number, length: number): Buffer {
    const first = Math.floor(offset / PAGE_SIZE);
    const start = offset - first * PAGE_SIZE;
    if (start + length <= PAGE_SIZE) return this.#page(first).subarray(start, start + length);
    return this.#load(offset, length);
  }

  #page(index: number): Buffer {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    const offset = index * PAGE_SIZE;
    const page = this.#load(offset, Math.min(PAGE_SIZE, this.size - offset));
    const oldest = this.#pages.keys().next();
    if (this.#pages.size >= MAX_CACHED_PAGES && oldest.done !== true) this.#pages.delete(oldest.value);
    this.#pages.set(index, page);
    return page;
  }

  #load(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.fd, bytes, filled, length - filled, offset + filled);
      // The file shrank after its size was read.
      if (count === 0) throw truncatedFile(this.size, offset + filled);
      filled += count;
    }
    return bytes;
  }
}
