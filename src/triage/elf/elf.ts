import type { ByteSource } from '../byte-source.js';
import { truncatedFile, MalformedFileError } from '../malformed-file.js';
import type { Facts, Traits } from '../facts.js';
import { NO_NOTE, readNote } from '../note.js';
import type { Reader } from '../reader.js';
import { DT, type Dynamic, readDynamic } from './dynamic.js';
import { type ElfHeader, readElfHeader } from './header.js';
import { elfArch } from './machine.js';
import { type ElfNote, readNotes } from './notes.js';
import { needsOf } from './needs.js';
import { elfPlatform } from './platform.js';
import { hasSection, readSections, type Section, sectionsEnd } from './sections.js';
import { PF_W, PF_X, PT, readSegments, type Segments } from './segments.js';
import { symbolCount } from './symbol-count.js';
import { type ElfExports, readExports } from './symbols.js';
import { readUnloading, type Unloading } from './unloading.js';
import { neededVersions } from './versions.js';

const DF = { TEXTREL: 0x4, STATIC_TLS: 0x10 } as const;
const DF_1 = { NODELETE: 0x8, PIE: 0x08000000 } as const;
const GO_BUILD_ID_NOTE = 4;
/** Symbols of an allocator: the C functions, and C++'s operators new and delete (except placement new). */
const ALLOCATOR = /^(?:malloc|calloc|realloc|free|memalign|aligned_alloc|posix_memalign|_Z(?:n[aw][jm](?!P)|d[al]Pv(?!S_)).*)$/;
/** Architectures for which glibc makes the stack executable if the file has no PT_GNU_STACK. */
const EXECUTABLE_STACK_BY_DEFAULT: readonly string[] = ['x64', 'ia32', 'arm'];

/** An ELF file, read by its segments, as the loader does. */
export interface ElfFile {
  readonly reader: Reader;
  readonly header: ElfHeader;
  readonly segments: Segments;
  readonly sections: readonly Section[];
  readonly dynamic: Dynamic;
}

export function openElf(source: ByteSource): ElfFile {
  const { reader, header } = readElfHeader(source);
  const segments = readSegments(reader, header);
  if (segments.fileEnd > source.size) throw truncatedFile(segments.fileEnd, source.size);
  const sections = readSections(reader, header);
  // A file truncated after its last segment would load, but it is not the file that was built.
  if (sectionsEnd(sections) > source.size) throw truncatedFile(sectionsEnd(sections), source.size);
  const dynamic = readDynamic(reader, segments);
  if (isExecutable(segments, dynamic)) throw new MalformedFileError('a shared library', 'an executable (not a shared library)');
  return { reader, header, segments, sections, dynamic };
}

export function readElf(source: ByteSource): Facts {
  const file = openElf(source);
  const { reader, header, segments, dynamic } = file;
  const { bits, littleEndian } = reader.encoding;
  const arch = elfArch(header.machine, reader.encoding);
  const needs = needsOf(dynamic);
  const notes = readNotes(reader, segments);
  const marks = { osabi: header.osabi, notes, needed: needs.needed, neededVersions: neededVersions(dynamic, segments) };
  const count = symbolCount(dynamic, segments, header.machine, bits);
  const found = readExports(reader, dynamic, segments, count);
  const note = found.noteAddress === undefined ? NO_NOTE : readNote(reader, segments.locate(found.noteAddress)?.offset, bits);
  return {
    format: 'elf',
    bits,
    endianness: littleEndian ? 'LE' : 'BE',
    arch,
    archs: [arch],
    ...elfPlatform(marks),
    exports: found.exports,
    exportsTruncated: found.exportsTruncated,
    forwards: [],
    ...needs,
    neededOptionally: [],
    ...note,
    minSystemVersion: undefined,
    codeSignature: undefined,
    traits: withUnloading(file, count, needs.needed, traits(file, arch, notes, found), found.exportsTruncated),
  };
}

/** Position-independent executables are ELF libraries too, but no loader opens one as a library. */
function isExecutable(segments: Segments, dynamic: Dynamic): boolean {
  if (((dynamic.value(DT.FLAGS_1) ?? 0) & DF_1.PIE) !== 0) return true;
  // Older linkers do not set DF_1_PIE, but only executables have both of these.
  return segments.of(PT.INTERP).length > 0 && dynamic.has(DT.DEBUG);
}

function traits(file: ElfFile, arch: string, notes: readonly ElfNote[], found: ElfExports): Omit<Traits, keyof Unloading> {
  const { reader, segments, dynamic } = file;
  const stack = segments.of(PT.GNU_STACK)[0];
  const arraySize = dynamic.value(DT.INIT_ARRAYSZ) ?? 0;
  return {
    constructors: (dynamic.has(DT.INIT) ? 1 : 0) + Math.floor(arraySize / (reader.encoding.bits / 8)),
    entryPoint: false,
    threadLocals: segments.of(PT.TLS).length > 0,
    staticThreadLocals: ((dynamic.value(DT.FLAGS) ?? 0) & DF.STATIC_TLS) !== 0,
    neverUnloads: ((dynamic.value(DT.FLAGS_1) ?? 0) & DF_1.NODELETE) !== 0,
    uniqueSymbols: found.uniqueSymbols,
    executableStack: stack === undefined ? EXECUTABLE_STACK_BY_DEFAULT.includes(arch) : (stack.flags & PF_X) !== 0,
    textRelocations: dynamic.has(DT.TEXTREL) || ((dynamic.value(DT.FLAGS) ?? 0) & DF.TEXTREL) !== 0,
    writableCode: segments.of(PT.LOAD).some(({ flags }) => (flags & PF_X) !== 0 && (flags & PF_W) !== 0),
    goRuntime: hasGoRuntime(file, notes, found),
    allocator: found.exports.some((name) => ALLOCATOR.test(name)),
  };
}

function withUnloading({ reader, segments, dynamic }: ElfFile, count: number, needed: readonly string[], found: Omit<Traits, keyof Unloading>, isIncomplete: boolean): Traits {
  return { ...found, ...readUnloading(reader, dynamic, segments, count, { ...found, needed, isIncomplete }) };
}

function hasGoRuntime({ reader, header, sections }: ElfFile, notes: readonly ElfNote[], found: ElfExports): boolean {
  return (
    notes.some(({ owner, type }) => owner === 'Go' && type === GO_BUILD_ID_NOTE) ||
    hasSection(reader, header, sections, ['.go.buildinfo', '.note.go.buildid']) ||
    // Part of cgo in every Go library; remains when sections are stripped.
    found.exports.includes('_cgo_topofstack')
  );
}
