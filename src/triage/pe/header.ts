import type { ByteSource } from '../byte-source.js';
import { truncatedFile, MalformedFileError } from '../malformed-file.js';
import { Reader } from '../reader.js';

/** Indexes of the data directories. */
export const DIRECTORY = { EXPORT: 0, IMPORT: 1, CERTIFICATES: 4, TLS: 9, DELAY_IMPORT: 13 } as const;

const COFF_SIZE = 24;
const SECTION_SIZE = 40;
const MAX_DIRECTORIES = 16;
const DLL = 0x2000;
/** Offsets in the optional header, by address width. */
const LAYOUT = {
  32: { imageBase: 28, directoryCount: 92, directories: 96 },
  64: { imageBase: 24, directoryCount: 108, directories: 112 },
} as const;

export interface Directory {
  /** Relative to the image's base; for CERTIFICATES, an offset in the file. */
  readonly address: number;
  readonly size: number;
}

export interface PeSection {
  readonly address: number;
  /** Offset and size in the file. */
  readonly offset: number;
  readonly fileSize: number;
  readonly flags: number;
}

export interface PeHeader {
  readonly machine: number;
  readonly imageBase: number;
  readonly entryPoint: number;
  /** The size of the headers, which are mapped at the image's base. */
  readonly headersSize: number;
  readonly directories: readonly Directory[];
  readonly sections: readonly PeSection[];
}

export function readPeHeader(source: ByteSource): { readonly reader: Reader; readonly header: PeHeader } {
  const start = new Reader(source, { littleEndian: true, bits: 64 });
  const at = start.u32(0x3c);
  const coff = start.fields(at, COFF_SIZE);
  const optionalSize = coff.u16(20);
  if ((coff.u16(22) & DLL) === 0) throw new MalformedFileError('a shared library', 'an executable (not a shared library)');

  const bits = widthOf(start.fields(at + COFF_SIZE, 2).u16(0));
  const layout = LAYOUT[bits];
  const reader = new Reader(source, { littleEndian: true, bits });
  const optional = reader.window('the optional header', at + COFF_SIZE, optionalSize);
  const fields = optional.fields(0, layout.directories);
  const directoryCount = Math.min(MAX_DIRECTORIES, fields.u32(layout.directoryCount));
  const header: PeHeader = {
    machine: coff.u16(4),
    imageBase: fields.word(layout.imageBase),
    entryPoint: fields.u32(16),
    headersSize: fields.u32(60),
    directories: Array.from({ length: directoryCount }, (_, index) => {
      const directory = optional.fields(layout.directories + index * 8, 8);
      return { address: directory.u32(0), size: directory.u32(4) };
    }),
    sections: readSections(reader, at + COFF_SIZE + optionalSize, coff.u16(6)),
  };
  const end = fileEnd(header);
  if (end > source.size) throw truncatedFile(end, source.size);
  return { reader, header };
}

function widthOf(magic: number): 32 | 64 {
  if (magic !== 0x10b && magic !== 0x20b) throw new MalformedFileError('a PE32 or PE32+ header', `one of kind 0x${magic.toString(16)}`);
  return magic === 0x20b ? 64 : 32;
}

function readSections(reader: Reader, offset: number, count: number): PeSection[] {
  const table = reader.window('the section table', offset, count * SECTION_SIZE);
  return Array.from({ length: count }, (_, index) => {
    const fields = table.fields(index * SECTION_SIZE, SECTION_SIZE);
    return { address: fields.u32(12), offset: fields.u32(20), fileSize: fields.u32(16), flags: fields.u32(36) };
  });
}

/** The end of everything that is mapped, and of the signature, which is not mapped but always comes last. */
function fileEnd({ headersSize, sections, directories }: PeHeader): number {
  const certificates = directories[DIRECTORY.CERTIFICATES];
  const stored = sections.filter(({ offset, fileSize }) => offset > 0 && fileSize > 0);
  return Math.max(
    headersSize,
    certificates === undefined || certificates.size === 0 ? 0 : certificates.address + certificates.size,
    ...stored.map(({ offset, fileSize }) => offset + fileSize),
  );
}
