import { LIMITS } from '../limits.js';
import { ExportList } from '../export-list.js';
import { NOTE_SYMBOL } from '../note.js';
import type { Fields, Reader } from '../reader.js';
import { DT, type Dynamic } from './dynamic.js';
import type { Segments } from './segments.js';

const LAYOUT = {
  32: { size: 16, info: 12, other: 13, section: 14, value: 4 },
  64: { size: 24, info: 4, other: 5, section: 6, value: 8 },
} as const;
const SHN_UNDEF = 0;
const STB = { GLOBAL: 1, WEAK: 2, GNU_UNIQUE: 10 } as const;
const VISIBLE: readonly number[] = [0 /* default */, 3 /* protected */];
/** Symbol types of sections and source files. */
const NOT_EXPORTS: readonly number[] = [3, 4];

export interface ElfExports {
  readonly exports: readonly string[];
  readonly exportsTruncated: boolean;
  readonly uniqueSymbols: boolean;
  /** The address of the plugin note; undefined if it is not exported. */
  readonly noteAddress: number | undefined;
}

const NOTHING: ElfExports = { exports: [], exportsTruncated: false, uniqueSymbols: false, noteAddress: undefined };

/** The exports in the dynamic symbol table. Several versions of a symbol count as one name. */
export function readExports(reader: Reader, dynamic: Dynamic, segments: Segments, count: number): ElfExports {
  const layout = LAYOUT[reader.encoding.bits];
  const address = dynamic.value(DT.SYMTAB);
  const read = Math.min(count, LIMITS.symbols);
  if (address === undefined || read === 0) return NOTHING;

  const names = new ExportList();
  let uniqueSymbols = false;
  let noteAddress: number | undefined;
  const table = segments.window('the symbol table', address, read * layout.size);
  const strings = dynamic.stringTable();
  names.truncated = read < count;
  for (let index = 0; index < read; index += 1) {
    const symbol = table.fields(index * layout.size, layout.size);
    const binding = exportedAs(symbol, layout);
    if (binding === undefined) continue;
    const name = strings.cstring(symbol.u32(0), LIMITS.symbolName);
    if (binding === STB.GNU_UNIQUE) uniqueSymbols = true;
    if (name === NOTE_SYMBOL) noteAddress = symbol.word(layout.value);
    if (!names.add(name)) break;
  }
  return { exports: names.list(), exportsTruncated: names.truncated, uniqueSymbols, noteAddress };
}

/** A name in the dynamic symbol table that another library defines. */
export interface Import {
  readonly name: string;
  /** Weak: the library opens without it. */
  readonly isOptional: boolean;
  /** It must be of a certain version, and so of a certain library. */
  readonly isVersioned: boolean;
}

/** Versions below this one: local, and global without a version. */
const FIRST_VERSION = 2;

export function readImports(reader: Reader, dynamic: Dynamic, segments: Segments, count: number): readonly Import[] {
  const layout = LAYOUT[reader.encoding.bits];
  const address = dynamic.value(DT.SYMTAB);
  if (address === undefined || count === 0) return [];
  const read = Math.min(count, LIMITS.symbols);
  const table = segments.window('the symbol table', address, read * layout.size);
  const strings = dynamic.stringTable();
  const versionsAt = dynamic.value(DT.VERSYM);
  const versions = versionsAt === undefined ? undefined : segments.window('the symbol versions', versionsAt, read * 2);
  const found = new Map<string, Import>();
  for (let index = 0; index < read; index += 1) {
    const symbol = table.fields(index * layout.size, layout.size);
    const name = symbol.u16(layout.section) === SHN_UNDEF ? strings.cstring(symbol.u32(0), LIMITS.symbolName) : '';
    if (name === '') continue;
    const version = versions === undefined ? 0 : versions.fields(index * 2, 2).u16(0) & 0x7fff;
    found.set(name, { name, isOptional: symbol.u8(layout.info) >> 4 === STB.WEAK, isVersioned: version >= FIRST_VERSION });
  }
  return [...found.values()];
}

/** The binding of an exported symbol; undefined if it is not exported. */
function exportedAs(symbol: Fields, layout: (typeof LAYOUT)[32 | 64]): number | undefined {
  const binding = symbol.u8(layout.info) >> 4;
  const type = symbol.u8(layout.info) & 15;
  const bound = binding === STB.GLOBAL || binding === STB.WEAK || binding === STB.GNU_UNIQUE;
  const visible = VISIBLE.includes(symbol.u8(layout.other) & 3);
  const defined = symbol.u16(layout.section) !== SHN_UNDEF && !NOT_EXPORTS.includes(type);
  return bound && visible && defined ? binding : undefined;
}
