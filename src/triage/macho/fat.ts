import type { ByteSource } from '../byte-source.js';
import { truncatedFile, MalformedFileError } from '../malformed-file.js';
import type { Facts } from '../facts.js';
import { identify } from '../identify.js';
import { Reader } from '../reader.js';
import { machoArch } from './machine.js';
import { readMacho } from './macho.js';

const FAT_MAGIC_64 = 0xcafebabf;
const HEADER_SIZE = 8;
const LAYOUT = {
  32: { size: 20, offset: 8, length: 12 },
  64: { size: 32, offset: 8, length: 16 },
} as const;

interface Slice {
  readonly arch: string;
  readonly offset: number;
  readonly size: number;
}

/** A fat file contains one library per architecture. Reads the one for `arch`, or else the first. */
export function readFat(source: ByteSource, arch: string): Facts {
  const slices = readSlices(source);
  const end = Math.max(...slices.map(({ offset, size }) => offset + size));
  if (end > source.size) throw truncatedFile(end, source.size);
  const slice = slices.find((candidate) => candidate.arch === arch) ?? slices[0];
  if (slice === undefined) throw new MalformedFileError('at least one architecture', 'a fat file without any');
  const { offset, size } = slice;
  const part: ByteSource = { size, read: (at, length) => source.read(offset + at, length) };
  if (identify(part) !== 'macho') throw new MalformedFileError('Mach-O libraries in a fat file', 'another format');
  return { ...readMacho(part), archs: slices.map((each) => each.arch) };
}

function readSlices(source: ByteSource): Slice[] {
  // Always big-endian, for every architecture.
  const bits = new Reader(source, { littleEndian: false, bits: 32 }).u32(0) === FAT_MAGIC_64 ? 64 : 32;
  const reader = new Reader(source, { littleEndian: false, bits });
  const layout = LAYOUT[bits];
  const count = reader.u32(4);
  const table = reader.window('the architectures', HEADER_SIZE, count * layout.size);
  return Array.from({ length: count }, (_, index) => {
    const fields = table.fields(index * layout.size, layout.size);
    const arch = machoArch(fields.u32(0), fields.u32(4));
    return { arch, offset: fields.word(layout.offset), size: fields.word(layout.length) };
  });
}
