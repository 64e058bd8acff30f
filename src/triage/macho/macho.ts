import type { ByteSource } from '../byte-source.js';
import { truncatedFile } from '../malformed-file.js';
import { type Facts, NO_TRAITS, type Traits } from '../facts.js';
import { NO_NOTE, readNote } from '../note.js';
import { readCodeSignature } from './code-signature.js';
import { type LoadCommand, LC, readCommands, texts } from './commands.js';
import { readExports } from './exports.js';
import { type MachoHeader, readMachoHeader } from './header.js';
import { machoArch } from './machine.js';
import { baseAddress, fileEnd, type MachoSegment, offsetOf, readSegments } from './segments.js';

const NEEDED: readonly number[] = [LC.LOAD_DYLIB, LC.REEXPORT_DYLIB, LC.LOAD_UPWARD_DYLIB];
const NEEDED_OPTIONALLY: readonly number[] = [LC.LOAD_WEAK_DYLIB, LC.LAZY_LOAD_DYLIB];
/** Platform in LC_BUILD_VERSION → Node's name, or Apple's if Node has none. */
const PLATFORMS: Readonly<Record<number, string>> = { 1: 'darwin', 2: 'ios', 3: 'tvos', 4: 'watchos', 6: 'maccatalyst', 7: 'ios-simulator' };
const HAS_THREAD_LOCALS = 0x800000;
/** Section types that list constructors: as pointers, or as 32-bit offsets. */
const CONSTRUCTORS = { POINTERS: 0x9, OFFSETS: 0x16 } as const;

export function readMacho(source: ByteSource): Facts {
  const { reader, header } = readMachoHeader(source);
  const { bits, littleEndian } = reader.encoding;
  const arch = machoArch(header.cpuType, header.cpuSubtype);
  const common = { format: 'macho', bits, endianness: littleEndian ? 'LE' : 'BE', arch, archs: [arch], libc: undefined } as const;
  // No system that runs Node can load 32-bit libraries. The architecture check refuses them, so nothing else is read.
  if (bits === 32) return { ...common, ...NOTHING_READ };

  const commands = readCommands(reader, header);
  const segments = readSegments(commands);
  if (fileEnd(segments) > source.size) throw truncatedFile(fileEnd(segments), source.size);
  const { noteAddress, ...found } = readExports(reader, commands, baseAddress(segments));
  const note = noteAddress === undefined ? NO_NOTE : readNote(reader, offsetOf(segments, noteAddress), bits);
  return {
    ...common,
    os: platformOf(commands),
    minSystemVersion: minVersionOf(commands),
    ...found,
    needed: texts(commands, NEEDED),
    neededOptionally: texts(commands, NEEDED_OPTIONALLY),
    searchPaths: texts(commands, [LC.RPATH]),
    searchPathsInherited: true,
    ownName: texts(commands, [LC.ID_DYLIB])[0],
    ...note,
    codeSignature: readCodeSignature(reader, commands, segments),
    traits: traits(header, commands, segments),
  };
}

const NOTHING_READ = {
  os: 'darwin',
  minSystemVersion: undefined,
  exports: [],
  exportsTruncated: false,
  forwards: [],
  needed: [],
  neededOptionally: [],
  searchPaths: [],
  searchPathsInherited: false,
  ownName: undefined,
  ...NO_NOTE,
  codeSignature: undefined,
  traits: NO_TRAITS,
} as const;

function platformOf(commands: readonly LoadCommand[]): string {
  const build = commands.filter(({ type }) => type === LC.BUILD_VERSION).map(({ body }) => PLATFORMS[body.u32(8)] ?? 'another Apple system');
  // A library can be built for macOS and Catalyst at once.
  if (build.length > 0) return build.includes('darwin') ? 'darwin' : (build[0] ?? 'darwin');
  return commands.some(({ type }) => type === LC.VERSION_MIN_IPHONEOS) ? 'ios' : 'darwin';
}

const MACOS = 1;

/** In a build version only that of macOS counts: a library can be built for several systems. */
function minVersionOf(commands: readonly LoadCommand[]): string | undefined {
  const build = commands.find(({ type, body }) => type === LC.BUILD_VERSION && body.u32(8) === MACOS);
  const older = commands.find(({ type }) => type === LC.VERSION_MIN_MACOSX);
  const version = build?.body.u32(12) ?? older?.body.u32(8);
  return version === undefined ? undefined : `${version >>> 16}.${(version >>> 8) & 0xff}`;
}

function traits(header: MachoHeader, commands: readonly LoadCommand[], segments: readonly MachoSegment[]): Traits {
  const sections = segments.flatMap((segment) => segment.sections);
  const sizeOf = (type: number): number => sections.filter((s) => s.type === type).reduce((sum, { size }) => sum + size, 0);
  const routines = commands.filter(({ type }) => type === LC.ROUTINES_64).length;
  return {
    ...NO_TRAITS,
    constructors: routines + Math.floor(sizeOf(CONSTRUCTORS.POINTERS) / 8) + Math.floor(sizeOf(CONSTRUCTORS.OFFSETS) / 4),
    threadLocals: (header.flags & HAS_THREAD_LOCALS) !== 0,
    goRuntime: sections.some(({ name }) => name === '__go_buildinfo'),
  };
}
