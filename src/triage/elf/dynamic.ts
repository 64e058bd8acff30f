import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { PT, type Segments } from './segments.js';

/** Tags of the dynamic segment. */
export const DT = {
  NULL: 0,
  NEEDED: 1,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  STRSZ: 10,
  INIT: 12,
  SONAME: 14,
  RPATH: 15,
  DEBUG: 21,
  TEXTREL: 22,
  INIT_ARRAYSZ: 27,
  RUNPATH: 29,
  FLAGS: 30,
  GNU_HASH: 0x6ffffef5,
  VERSYM: 0x6ffffff0,
  FLAGS_1: 0x6ffffffb,
  VERDEF: 0x6ffffffc,
  VERDEFNUM: 0x6ffffffd,
  VERNEED: 0x6ffffffe,
  VERNEEDNUM: 0x6fffffff,
} as const;

/** The dynamic segment, which tells the loader where everything else is. */
export class Dynamic {
  constructor(
    private readonly segments: Segments,
    private readonly entries: ReadonlyMap<number, readonly number[]>,
  ) {}

  /** The value of a tag. Like loaders, uses the last one if there are several. */
  value(tag: number): number | undefined {
    return this.entries.get(tag)?.at(-1);
  }

  has(tag: number): boolean {
    return this.entries.has(tag);
  }

  /** The strings that the values of `tag` refer to, of at most `limit` bytes each. */
  strings(tag: number, limit: number): string[] {
    const offsets = this.entries.get(tag) ?? [];
    if (offsets.length === 0) return [];
    if (offsets.length > LIMITS.needed) throw new MalformedFileError(`at most ${LIMITS.needed} needed libraries`, `${offsets.length}`);
    const table = this.stringTable();
    return offsets.map((offset) => table.cstring(offset, limit));
  }

  stringTable(): Reader {
    return this.segments.window('the string table', this.value(DT.STRTAB) ?? 0, this.value(DT.STRSZ) ?? 0);
  }
}

export function readDynamic(reader: Reader, segments: Segments): Dynamic {
  const segment = segments.of(PT.DYNAMIC)[0];
  if (segment === undefined) throw new MalformedFileError('a shared library', 'an ELF file without a dynamic segment');
  if (segment.fileSize === 0) throw new MalformedFileError('a shared library', 'an ELF file of debug information only');

  const word = reader.encoding.bits / 8;
  const table = reader.window('the dynamic segment', segment.offset, segment.fileSize);
  const entries = new Map<number, number[]>();
  for (let index = 0; (index + 1) * 2 * word <= table.size; index += 1) {
    if (index >= LIMITS.entries) throw new MalformedFileError(`at most ${LIMITS.entries} dynamic entries`, 'more');
    const fields = table.fields(index * 2 * word, 2 * word);
    const tag = fields.word(0);
    if (tag === DT.NULL) break;
    const values = entries.get(tag);
    if (values === undefined) entries.set(tag, [fields.word(word)]);
    else values.push(fields.word(word));
  }
  return new Dynamic(segments, entries);
}
