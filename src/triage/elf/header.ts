import type { ByteSource } from '../byte-source.js';
import { MalformedFileError } from '../malformed-file.js';
import { type Encoding, Reader } from '../reader.js';

/** Offsets of the header's fields, by address width. */
const LAYOUT = {
  32: { size: 52, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48, shstrndx: 50 },
  64: { size: 64, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60, shstrndx: 62 },
} as const;

export const PROGRAM_HEADER_SIZE = { 32: 32, 64: 56 } as const;
export const SECTION_HEADER_SIZE = { 32: 40, 64: 64 } as const;
const ET = { EXEC: 2, DYN: 3 } as const;
const NOT_LIBRARIES: Readonly<Record<number, string>> = {
  1: 'an object file (not linked)',
  [ET.EXEC]: 'an executable (not a shared library)',
  4: 'a core dump',
};
/** Types of files that have dependencies. */
export const LOADABLE: readonly number[] = [ET.EXEC, ET.DYN];

export interface Table {
  readonly offset: number;
  readonly count: number;
}

export interface ElfHeader {
  readonly machine: number;
  /** EI_OSABI: the operating system; usually 0, which says nothing. */
  readonly osabi: number;
  readonly programHeaders: Table;
  readonly sectionHeaders: Table;
  /** The index of the section that holds the section names. */
  readonly sectionNames: number;
}

/** `types`: the accepted ELF types; default: shared libraries. */
export function readElfHeader(source: ByteSource, types: readonly number[] = [ET.DYN]): { readonly reader: Reader; readonly header: ElfHeader } {
  const encoding = readEncoding(source);
  const layout = LAYOUT[encoding.bits];
  const reader = new Reader(source, encoding);
  const fields = reader.fields(0, layout.size);
  const type = fields.u16(16);
  if (!types.includes(type)) throw new MalformedFileError('a shared library', NOT_LIBRARIES[type] ?? `an ELF file of type ${type}`);

  const programHeaders = { offset: fields.word(layout.phoff), count: fields.u16(layout.phnum) };
  if (programHeaders.count > 0) {
    expectEntrySize('program headers', PROGRAM_HEADER_SIZE[encoding.bits], fields.u16(layout.phentsize));
  }
  const sections = { offset: fields.word(layout.shoff), count: fields.u16(layout.shnum) };
  if (sections.offset > 0) {
    expectEntrySize('section headers', SECTION_HEADER_SIZE[encoding.bits], fields.u16(layout.shentsize));
  }
  const header: ElfHeader = {
    machine: fields.u16(18),
    osabi: fields.u8(7),
    programHeaders,
    sectionHeaders: sections.offset > 0 ? sections : { offset: 0, count: 0 },
    sectionNames: fields.u16(layout.shstrndx),
  };
  return { reader, header };
}

function readEncoding(source: ByteSource): Encoding {
  const ident = new Reader(source, { littleEndian: true, bits: 64 }).fields(0, 16);
  const width = ident.u8(4);
  const order = ident.u8(5);
  if (width !== 1 && width !== 2) throw new MalformedFileError('an ELF class of 1 or 2', `${width}`);
  if (order !== 1 && order !== 2) throw new MalformedFileError('an ELF byte order of 1 or 2', `${order}`);
  return { bits: width === 2 ? 64 : 32, littleEndian: order === 1 };
}

function expectEntrySize(what: string, expected: number, found: number): void {
  if (found !== expected) throw new MalformedFileError(`${what} of ${expected} bytes`, `${found}`);
}
