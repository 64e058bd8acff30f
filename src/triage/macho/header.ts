import type { ByteSource } from '../byte-source.js';
import { MalformedFileError } from '../malformed-file.js';
import { type Encoding, Reader } from '../reader.js';

const HEADER_SIZE = { 32: 28, 64: 32 } as const;
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  cffaedfe: { littleEndian: true, bits: 64 },
  cefaedfe: { littleEndian: true, bits: 32 },
  feedfacf: { littleEndian: false, bits: 64 },
  feedface: { littleEndian: false, bits: 32 },
};
/** The types that dlopen opens: dynamic libraries, and bundles (such as Node addons). */
const LIBRARIES: readonly number[] = [6, 8];
const NOT_LIBRARIES: Readonly<Record<number, string>> = {
  1: 'an object file (not linked)',
  2: 'an executable (not a shared library)',
  4: 'a core dump',
  9: 'a stub of a library',
  10: 'debug information only',
};

export interface MachoHeader {
  readonly cpuType: number;
  readonly cpuSubtype: number;
  readonly commandCount: number;
  readonly commandsSize: number;
  readonly commandsOffset: number;
  readonly flags: number;
}

export function readMachoHeader(source: ByteSource): { readonly reader: Reader; readonly header: MachoHeader } {
  const encoding = ENCODINGS[source.read(0, 4).toString('hex')];
  if (encoding === undefined) throw new MalformedFileError('a Mach-O file', 'another format');
  const reader = new Reader(source, encoding);
  const size = HEADER_SIZE[encoding.bits];
  const fields = reader.fields(0, size);
  const type = fields.u32(12);
  if (!LIBRARIES.includes(type)) throw new MalformedFileError('a shared library', NOT_LIBRARIES[type] ?? `a Mach-O file of type ${type}`);
  const header: MachoHeader = {
    cpuType: fields.u32(4),
    cpuSubtype: fields.u32(8),
    commandCount: fields.u32(16),
    commandsSize: fields.u32(20),
    commandsOffset: size,
    flags: fields.u32(24),
  };
  return { reader, header };
}
