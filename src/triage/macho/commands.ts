import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import type { MachoHeader } from './header.js';

/** Load commands. The high bit is part of the number; it marks commands that a loader must know. */
export const LC = {
  SYMTAB: 0x2,
  LOAD_DYLIB: 0xc,
  ID_DYLIB: 0xd,
  SEGMENT_64: 0x19,
  ROUTINES_64: 0x1a,
  CODE_SIGNATURE: 0x1d,
  LAZY_LOAD_DYLIB: 0x20,
  DYLD_INFO: 0x22,
  VERSION_MIN_MACOSX: 0x24,
  VERSION_MIN_IPHONEOS: 0x25,
  BUILD_VERSION: 0x32,
  LOAD_WEAK_DYLIB: 0x80000018,
  RPATH: 0x8000001c,
  REEXPORT_DYLIB: 0x8000001f,
  DYLD_INFO_ONLY: 0x80000022,
  LOAD_UPWARD_DYLIB: 0x80000023,
  DYLD_EXPORTS_TRIE: 0x80000033,
} as const;

const HEADER_SIZE = 8;

export interface LoadCommand {
  readonly type: number;
  /** The whole command, including its type and size. */
  readonly body: Reader;
}

export function readCommands(reader: Reader, header: MachoHeader): LoadCommand[] {
  const { commandCount, commandsSize, commandsOffset } = header;
  if (commandsSize > LIMITS.loadCommands) throw new MalformedFileError(`load commands of at most ${LIMITS.loadCommands} bytes`, `${commandsSize}`);
  const table = reader.window('the load commands', commandsOffset, commandsSize);
  const commands: LoadCommand[] = [];
  for (let at = 0; commands.length < commandCount; ) {
    const fields = table.fields(at, HEADER_SIZE);
    const size = fields.u32(4);
    if (size < HEADER_SIZE) throw new MalformedFileError(`load commands of at least ${HEADER_SIZE} bytes`, `one of ${size}`);
    commands.push({ type: fields.u32(0), body: table.window('a load command', at, size) });
    at += size;
  }
  return commands;
}

/** The strings of all commands of these types. The third word of each command is the offset of its string. */
export function texts(commands: readonly LoadCommand[], types: readonly number[]): string[] {
  return commands
    .filter(({ type }) => types.includes(type))
    .map(({ body }) => body.fields(body.u32(8), body.size - body.u32(8)).text(0, body.size - body.u32(8)));
}
