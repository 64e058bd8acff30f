import { MAX_STRUCT } from '../abi/constants.js';
import { LAYOUTS, REQUIRED_SIZE, type StructLayout } from '../abi/layouts.js';
import { addressOf, copyBytes, ownBuffer, type Address } from './memory.js';

type ReadableStruct = keyof typeof REQUIRED_SIZE;
type MemberOf<N extends ReadableStruct> = keyof (typeof LAYOUTS)[N]['members'] & string;

/** What is wrong with a struct, in the words of an error. */
export interface StructProblem {
  readonly member: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Reads native structs of one layout. It holds a copy of the one read last, cut to what the writer's `size` and our
 * layout both have, until the next `read`: take what is needed out at once.
 */
export class StructReader<M extends string> {
  readonly #bytes: Buffer;
  readonly #address: Address;
  #size = 0;

  constructor(
    readonly name: string,
    readonly layout: StructLayout<M>,
    readonly required: number,
  ) {
    this.#bytes = ownBuffer(layout.size);
    this.#address = addressOf(this.#bytes);
  }

  /** Rule 6: not NULL, aligned, `size` read first and in bounds, then what lies inside it. */
  read(from: number): StructProblem | undefined {
    if (from === 0) return { member: this.name, expected: 'a pointer', found: 'NULL' };
    if (!Number.isSafeInteger(from) || from % 8 !== 0) {
      return { member: this.name, expected: 'an address aligned to 8', found: `0x${from.toString(16)}` };
    }
    copyBytes(this.#address, from as Address, 4);
    this.#size = this.#bytes.readUInt32LE(0);
    if (this.#size < this.required || this.#size > MAX_STRUCT) {
      return { member: 'size', expected: `${this.required} to ${MAX_STRUCT}`, found: String(this.#size) };
    }
    copyBytes(this.#address, from as Address, Math.min(this.#size, this.layout.size));
    return undefined;
  }

  /** A member past the writer's `size` reads as 0, the header's word for "not given" (rule 2). */
  u32(member: M): number {
    const { offset } = this.layout.members[member];
    return offset + 4 <= this.#size ? this.#bytes.readUInt32LE(offset) : 0;
  }

  i32(member: M): number {
    return this.u32(member) | 0;
  }

  /** A pointer, length or id as a Number; one of 2^53 and more comes back as Infinity, which no bound accepts. */
  word(member: M): number {
    const { offset } = this.layout.members[member];
    if (offset + 8 > this.#size) return 0;
    const high = this.#bytes.readUInt32LE(offset + 4);
    return high >= 0x20_0000 ? Infinity : high * 0x1_0000_0000 + this.#bytes.readUInt32LE(offset);
  }

  pointer(member: M): Address {
    return this.word(member) as Address;
  }
}

export function structReader<N extends ReadableStruct>(name: N): StructReader<MemberOf<N>> {
  return new StructReader<MemberOf<N>>(name, LAYOUTS[name] as StructLayout<MemberOf<N>>, REQUIRED_SIZE[name]);
}
