/** Bytes put together piece by piece. Positions may be patched later. */
export class Bytes {
  #parts: number[] = [];

  constructor(private readonly littleEndian = true) {}

  get length(): number {
    return this.#parts.length;
  }

  number(value: number, size: 1 | 2 | 4 | 8): this {
    this.#parts.push(...encode(value, size, this.littleEndian));
    return this;
  }

  u8 = (...values: number[]): this => this.#each(values, 1);
  u16 = (...values: number[]): this => this.#each(values, 2);
  u32 = (...values: number[]): this => this.#each(values, 4);
  u64 = (...values: number[]): this => this.#each(values, 8);

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#parts.push(byte);
    return this;
  }

  /** Text with its ending zero; returns where it starts. */
  text(text: string): number {
    const at = this.length;
    this.raw(Buffer.from(`${text}\0`));
    return at;
  }

  padTo(length: number): this {
    while (this.length < length) this.#parts.push(0);
    return this;
  }

  align(size: number): this {
    return this.padTo(Math.ceil(this.length / size) * size);
  }

  patch(at: number, value: number, size: 1 | 2 | 4 | 8): this {
    this.#parts.splice(at, size, ...encode(value, size, this.littleEndian));
    return this;
  }

  buffer(): Buffer {
    return Buffer.from(this.#parts);
  }

  #each(values: readonly number[], size: 1 | 2 | 4 | 8): this {
    for (const value of values) this.number(value, size);
    return this;
  }
}

function encode(value: number, size: number, littleEndian: boolean): number[] {
  const bytes = Array.from({ length: size }, (_, index) => Math.floor(value / 2 ** (8 * index)) % 256);
  return littleEndian ? bytes : bytes.reverse();
}

/** A note as the header's macro makes it, with its members changed as wanted. */
export function noteBytes(changes: Readonly<Record<number, number>> = {}, pointerSize = 8, littleEndian = true): Buffer {
  const members = [64, 0x4f534941, 1, 1, pointerSize, 64, 64, 64, 72, 56, 40, 48, 24, 40, 40, 72];
  return new Bytes(littleEndian).u32(...members.map((value, index) => changes[index] ?? value)).buffer();
}

export const REQUIRED = ['aisopod_plugin_abi_version', 'aisopod_plugin_create'];
