import { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';

declare const address: unique symbol;
/** An address in this process. On supported platforms, addresses are below 2^53, so a Number holds one exactly. */
export type Address = number & { readonly [address]: true };

/** A 64-bit value of the plugin's, to be passed back unchanged. A Number if it is below 2^53, else a bigint. */
export type Opaque = number | bigint;

export const NULL = 0 as Address;

/** The C library. Its functions move foreign bytes without koffi's per-call types. */
export const libc = koffi.load(process.platform === 'win32' ? 'ucrtbase.dll' : null);
/** Declared without its result, which would create a Number for each call. */
const memcpy = libc.func('memcpy', 'void', ['uintptr_t', 'uintptr_t', 'size_t']) as (to: number, from: number, length: number) => void;
const strnlen = libc.func('strnlen', 'size_t', ['uintptr_t', 'size_t']) as (text: number, limit: number) => number;

/** A buffer with its own memory (not from Node's pool): its address is stable while it is referenced. */
export function ownBuffer(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/** Valid while `buffer` is referenced. The caller must keep a reference as long as native code may use the address. */
export const addressOf = (buffer: Buffer): Address => Number(koffi.address(buffer)) as Address;

/** JavaScript memory that native code reads or writes, as bytes and as 32-bit words, with its address. */
export class Block {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  /** Valid while the block is referenced, as for `addressOf`. */
  readonly address: Address;
  readonly length: number;

  /** Allocates at least `length` bytes, or uses `memory` from `offset` on: a multiple of 4, as is `length`. */
  constructor(length: number, memory = new ArrayBuffer(Math.ceil(length / 8) * 8), offset = 0) {
    const bytes = offset === 0 && length >= memory.byteLength - 7 ? memory.byteLength : length;
    this.bytes = Buffer.from(memory, offset, bytes);
    this.words = new Uint32Array(memory, offset, bytes / 4);
    this.address = addressOf(this.bytes);
    this.length = bytes;
  }
}

/** Reads a 64-bit word at an index of 32-bit words. 2^53 and above reads as Infinity, which fails every bounds check. */
export function wordAt(words: Uint32Array, index: number): number {
  const high = words[index + 1] ?? 0;
  return high >= 0x20_0000 ? Infinity : high * 0x1_0000_0000 + (words[index] ?? 0);
}

/** The same for a value that is neither an address nor a length here: keeps all 64 bits. */
export function opaqueAt(words: Uint32Array, index: number): Opaque {
  const value = wordAt(words, index);
  return value === Infinity ? (BigInt(words[index + 1] ?? 0) << 32n) | BigInt(words[index] ?? 0) : value;
}

/** Stores a Number below 2^53 as a 64-bit word. A typed array takes each value modulo 2^32. */
export function setWordAt(words: Uint32Array, index: number, value: number): void {
  words[index] = value;
  words[index + 1] = value / 0x1_0000_0000;
}

/** Copies `length` bytes. The caller guarantees that both addresses are valid. */
export function copyBytes(to: Address, from: Address, length: number): void {
  if (length > 0) memcpy(to, from, length);
}

/** Length of the NUL-terminated text at `from`, or `undefined` if it is longer than `limit` bytes (rule 5). */
export function terminatedLength(from: Address, limit: number): number | undefined {
  const length = strnlen(from, limit + 1);
  return length > limit ? undefined : length;
}

/** Allocates memory that is never freed, for data that native code may access at any time, even while Node exits. */
export function immortal(length: number): Address {
  return Number(koffi.alloc('uint8_t', length) as bigint) as Address;
}

/** A NUL-terminated copy of `text` that is never freed. For constants. */
export function immortalText(text: string): Address {
  const bytes = Buffer.from(`${text}\0`);
  const own = ownBuffer(bytes.length);
  bytes.copy(own);
  const at = immortal(own.length);
  copyBytes(at, addressOf(own), own.length);
  return at;
}

/** Uint32 words in memory that is never freed. Electron forbids views of foreign memory, so there memcpy stores a word. */
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
  if (process.versions.electron !== undefined) return undefined; // checked first, because a throw may end the process: see catchable.ts
  try {
    return new Uint32Array(koffi.view(BigInt(at), length));
  } catch {
    return undefined;
  }
}
