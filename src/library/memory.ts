import { koffi } from './koffi-settings.js';

declare const address: unique symbol;
/** An address in this process. Addresses of 64-bit platforms in use stay below 2^53, so a Number holds one exactly. */
export type Address = number & { readonly [address]: true };

export const NULL = 0 as Address;

/** The C library, for what moves foreign bytes without koffi's per-call types. */
export const libc = koffi.load(process.platform === 'win32' ? 'ucrtbase.dll' : null);
const memcpy = libc.func('memcpy', 'uintptr_t', ['uintptr_t', 'uintptr_t', 'size_t']) as (
  to: number,
  from: number,
  length: number,
) => number;
const strnlen = libc.func('strnlen', 'size_t', ['uintptr_t', 'size_t']) as (text: number, limit: number) => number;

/** A buffer over memory of its own: its address stays the same as long as it is referenced. */
export function ownBuffer(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/** Valid while `buffer` is referenced; the caller keeps it so for as long as native code may use the address. */
export const addressOf = (buffer: Buffer): Address => Number(koffi.address(buffer)) as Address;

/** Copies `length` bytes at `from` into `into`. The caller vouches for the pointer; `into` must be long enough. */
export function copyIn(into: Buffer, from: Address, length: number): void {
  if (length > into.length) throw new RangeError(`copyIn: ${length} bytes into a buffer of ${into.length}`);
  if (length > 0) memcpy(addressOf(into), from, length);
}

/** Copies `length` bytes between addresses that the caller vouches for. */
export function copyBytes(to: Address, from: Address, length: number): void {
  if (length > 0) memcpy(to, from, length);
}

/** Bytes of a NUL-terminated text at `from`, or `undefined` where no NUL comes within `limit` bytes (rule 5). */
export function readTerminated(from: Address, limit: number): Buffer | undefined {
  const length = strnlen(from, limit + 1);
  if (length > limit) return undefined;
  const bytes = ownBuffer(length);
  copyIn(bytes, from, length);
  return bytes;
}

/** Memory that lives as long as the process: what native code may touch at any time, even while Node exits. */
export function immortal(length: number): Address {
  return Number(koffi.alloc('uint8_t', length) as bigint) as Address;
}

/** A NUL-terminated copy of `text` that lives as long as the process. For constants. */
export function immortalText(text: string): Address {
  const bytes = Buffer.from(`${text}\0`);
  const own = ownBuffer(bytes.length);
  bytes.copy(own);
  const at = immortal(own.length);
  copyBytes(at, addressOf(own), own.length);
  return at;
}

/**
 * Uint32 words over immortal memory. Where views of foreign memory are forbidden (Electron), a word is stored by memcpy.
 */
export class ImmortalWords {
  readonly address: Address;
  readonly #view: Uint32Array | undefined;
  readonly #scratch = ownBuffer(4);
  readonly #scratchAddress = addressOf(this.#scratch);

  constructor(readonly length: number) {
    this.address = immortal(length * 4);
    this.#view = viewOf(this.address, length * 4);
    for (let i = 0; i < length; i++) this.store(i, 0);
  }

  addressAt(index: number): Address {
    return (this.address + index * 4) as Address;
  }

  store(index: number, value: number): void {
    if (this.#view !== undefined) {
      Atomics.store(this.#view, index, value);
      return;
    }
    this.#scratch.writeUInt32LE(value >>> 0);
    memcpy(this.addressAt(index), this.#scratchAddress, 4);
  }
}

function viewOf(at: Address, length: number): Uint32Array | undefined {
  try {
    return new Uint32Array(koffi.view(BigInt(at), length));
  } catch {
    return undefined;
  }
}
