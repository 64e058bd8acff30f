import { MalformedFileError } from './malformed-file.js';
import type { Reader } from './reader.js';

/** The exported constant that says, without loading the plugin, what it was built with (docs/abi.md). */
export const NOTE_SYMBOL = 'aisopod_plugin_note';
/** The bytes `AISO`. */
export const NOTE_MAGIC = 0x4f534941;

/** The members in file order, each a uint32 in the file's byte order. New members are only appended. */
const MEMBERS = [
  'size',
  'magic',
  'abiVersion',
  'headerVersion',
  'pointerSize',
  'pluginSize',
  'hostSize',
  'capabilitySize',
  'requestSize',
  'replySize',
  'metaSize',
  'initSize',
  'logSize',
  'chunkSize',
  'completionSize',
  'callSize',
] as const;
const KNOWN_SIZE = MEMBERS.length * 4;
/** Every note has size, magic and abiVersion. */
const MIN_SIZE = 12;
const MAX_SIZE = 4096;

type Member = Exclude<(typeof MEMBERS)[number], 'magic'>;

/** The plugin note. All sizes are in bytes; members newer than the plugin's header are missing. */
export type Note = Readonly<Partial<Record<Member, number>>> & { readonly size: number; readonly abiVersion: number };

export interface NoteReading {
  readonly note: Note | undefined;
  readonly noteProblem: string | undefined;
}

export const NO_NOTE: NoteReading = { note: undefined, noteProblem: undefined };

/** Reads the note at `offset` (undefined if its address is not in the file). Never throws MalformedFileError. */
export function readNote(reader: Reader, offset: number | undefined, bits: 32 | 64): NoteReading {
  try {
    if (offset === undefined) throw new MalformedFileError('constant data', 'an address outside the file');
    return { note: parse(reader, offset, bits), noteProblem: undefined };
  } catch (error) {
    if (!(error instanceof MalformedFileError)) throw error;
    return { note: undefined, noteProblem: error.message };
  }
}

function parse(reader: Reader, offset: number, bits: 32 | 64): Note {
  const head = reader.fields(offset, MIN_SIZE);
  const size = head.u32(0);
  if (head.u32(4) !== NOTE_MAGIC) throw new MalformedFileError('the magic number AISO', `0x${head.u32(4).toString(16)}`);
  if (size < MIN_SIZE || size > MAX_SIZE) throw new MalformedFileError(`a size of ${MIN_SIZE} to ${MAX_SIZE} bytes`, `${size}`);

  const known = Math.min(size, KNOWN_SIZE);
  const fields = reader.fields(offset, known);
  const members = MEMBERS.flatMap((name, index) =>
    name === 'magic' || index * 4 + 4 > known ? [] : [[name, fields.u32(index * 4)] as const],
  );
  const note: Note = { size, abiVersion: head.u32(8), ...Object.fromEntries(members) };
  if (note.pointerSize !== undefined && note.pointerSize * 8 !== bits) {
    throw new MalformedFileError(`pointers of ${bits / 8} bytes`, `${note.pointerSize}`);
  }
  return note;
}
