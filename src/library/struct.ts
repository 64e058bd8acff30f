import { MAX_STRUCT } from '../abi/constants.js';
import { LAYOUTS, REQUIRED_SIZE, type StructLayout } from '../abi/layouts.js';
import { Block, copyBytes, opaqueAt, wordAt, type Address, type Opaque } from './memory.js';

type ReadableStruct = keyof typeof REQUIRED_SIZE;
type MemberOf<N extends ReadableStruct> = keyof (typeof LAYOUTS)[N]['members'] & string;

/** What is wrong with a struct, for an error message. */
export interface StructProblem {
  readonly member: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Reads native structs of one layout. Holds a copy of the last one, up to the smaller of the writer's `size` and our
 * layout. The next `read` overwrites it.
 */
export class StructReader<M extends string> {
  readonly #copy: Block;
  #size = 0;

  constructor(
    readonly name: string,
    readonly layout: StructLayout<M>,
    readonly required: number,
  ) {
    this.#copy = new Block(layout.size);
  }

  /** Rule 6: checks for NULL and alignment, then reads and checks `size`, then reads the members inside it. */
  read(from: number): StructProblem | undefined {
    if (from === 0) return { member: this.name, expected: 'a pointer', found: 'NULL' };
    if (!Number.isSafeInteger(from) || (from & 7) !== 0) {
      return { member: this.name, expected: 'an address aligned to 8', found: `0x${from.toString(16)}` };
    }
    const { address, words } = this.#copy;
    copyBytes(address, from as Address, 4);
    this.#size = words[0] ?? 0;
    if (this.#size < this.required || this.#size > MAX_STRUCT) {
      return { member: 'size', expected: `${this.required} to ${MAX_STRUCT}`, found: String(this.#size) };
    }
    copyBytes(address, from as Address, Math.min(this.#size, this.layout.size));
    return undefined;
  }

  /** A member beyond the writer's `size` reads as 0, which means "not given" (rule 2). */
  u32(member: M): number {
    const { offset } = this.layout.members[member];
    return offset + 4 <= this.#size ? (this.#copy.words[offset / 4] ?? 0) : 0;
  }

  i32(member: M): number {
    return this.u32(member) | 0;
  }

  /** A pointer, length or id: see `wordAt`. */
  word(member: M): number {
    const { offset } = this.layout.members[member];
    if (offset + 8 > this.#size) return 0;
    return wordAt(this.#copy.words, offset / 4);
  }

  /** A value that is only passed back to the plugin. */
  opaque(member: M): Opaque {
    const { offset } = this.layout.members[member];
    return offset + 8 > this.#size ? 0 : opaqueAt(this.#copy.words, offset / 4);
  }

  pointer(member: M): Address {
    return this.word(member) as Address;
  }
}

export function structReader<N extends ReadableStruct>(name: N): StructReader<MemberOf<N>> {
  return new StructReader<MemberOf<N>>(name, LAYOUTS[name] as StructLayout<MemberOf<N>>, REQUIRED_SIZE[name]);
}
