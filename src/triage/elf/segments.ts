import { MalformedFileError } from '../malformed-file.js';
import type { Reader } from '../reader.js';
import { type ElfHeader, PROGRAM_HEADER_SIZE } from './header.js';

export const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, TLS: 7, GNU_STACK: 0x6474e551 } as const;
export const PF_X = 1;
export const PF_W = 2;

const LAYOUT = {
  32: { offset: 4, vaddr: 8, filesz: 16, flags: 24 },
  64: { offset: 8, vaddr: 16, filesz: 32, flags: 4 },
} as const;

export interface Segment {
  readonly type: number;
  readonly flags: number;
  /** Offset in the file. */
  readonly offset: number;
  /** Address in memory, relative to the library's base. */
  readonly address: number;
  /** Size in the file; it may be larger in memory. */
  readonly fileSize: number;
}

/** The segments: the parts of an ELF file that the loader maps or reads. */
export class Segments {
  readonly #loaded: readonly Segment[];

  constructor(
    private readonly reader: Reader,
    readonly all: readonly Segment[],
  ) {
    this.#loaded = all.filter((segment) => segment.type === PT.LOAD);
  }

  of(type: number): readonly Segment[] {
    return this.all.filter((segment) => segment.type === type);
  }

  /** The file offset at which the last mapped byte ends. Opening a shorter file kills the process (SIGBUS). */
  get fileEnd(): number {
    const ends = [...this.#loaded, ...this.of(PT.DYNAMIC)].map((segment) => segment.offset + segment.fileSize);
    return Math.max(0, ...ends);
  }

  /** The file offset of `address`, and how many bytes of its segment follow. */
  locate(address: number): { readonly offset: number; readonly available: number } | undefined {
    const home = this.#loaded.find((s) => address >= s.address && address < s.address + s.fileSize);
    if (home === undefined) return undefined;
    const into = address - home.address;
    return { offset: home.offset + into, available: home.fileSize - into };
  }

  /** A view of what is mapped at `address`; without `size`, to the end of its segment. */
  window(what: string, address: number, size?: number): Reader {
    const place = this.locate(address);
    if (place === undefined || (size !== undefined && size > place.available)) {
      throw new MalformedFileError(`${what} inside the file`, `it at address 0x${address.toString(16)}`);
    }
    return this.reader.window(what, place.offset, size ?? place.available);
  }
}

export function readSegments(reader: Reader, { programHeaders }: ElfHeader): Segments {
  const { bits } = reader.encoding;
  const size = PROGRAM_HEADER_SIZE[bits];
  const layout = LAYOUT[bits];
  const table = reader.window('the program headers', programHeaders.offset, programHeaders.count * size);
  const segments = Array.from({ length: programHeaders.count }, (_, index): Segment => {
    const fields = table.fields(index * size, size);
    return {
      type: fields.u32(0),
      flags: fields.u32(layout.flags),
      offset: fields.word(layout.offset),
      address: fields.word(layout.vaddr),
      fileSize: fields.word(layout.filesz),
    };
  });
  return new Segments(reader, segments);
}
