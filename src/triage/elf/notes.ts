import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { PT, type Segments } from './segments.js';

const HEADER_SIZE = 12;

export interface ElfNote {
  /** The namespace of `type`: `GNU`, `Go`, `Android` … */
  readonly owner: string;
  readonly type: number;
  /** The first 32 bits of the content. */
  readonly value: number;
}

/** The ELF notes, by which compilers and systems mark their files. */
export function readNotes(reader: Reader, segments: Segments): ElfNote[] {
  const notes: ElfNote[] = [];
  try {
    for (const segment of segments.of(PT.NOTE)) {
      collect(reader.window('the notes', segment.offset, segment.fileSize), notes);
    }
  } catch (error) {
    // The loader does not need the notes: keep those that could be read.
    if (!(error instanceof MalformedFileError)) throw error;
  }
  return notes;
}

function collect(table: Reader, notes: ElfNote[]): void {
  for (let at = 0; at + HEADER_SIZE <= table.size && notes.length < LIMITS.entries; ) {
    const header = table.fields(at, HEADER_SIZE);
    const nameSize = header.u32(0);
    const valueSize = header.u32(4);
    const valueAt = at + HEADER_SIZE + padded(nameSize);
    notes.push({
      owner: nameSize <= LIMITS.shortName ? table.fields(at + HEADER_SIZE, nameSize).text(0, nameSize) : '',
      type: header.u32(8),
      value: valueSize >= 4 ? table.u32(valueAt) : 0,
    });
    at = valueAt + padded(valueSize);
  }
}

const padded = (size: number): number => Math.ceil(size / 4) * 4;
