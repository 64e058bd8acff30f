import { Damage } from '../damage.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { PT, type Segments } from './segments.js';

const HEADER_SIZE = 12;

export interface ElfNote {
  /** Who defined it: `GNU`, `Go`, `Android` … */
  readonly owner: string;
  readonly type: number;
  /** The first word of what it says. */
  readonly value: number;
}

/** The notes in the note segments: compilers and systems leave their marks there. */
export function readNotes(reader: Reader, segments: Segments): ElfNote[] {
  const notes: ElfNote[] = [];
  try {
    for (const segment of segments.of(PT.NOTE)) {
      collect(reader.window('the notes', segment.offset, segment.fileSize), notes);
    }
  } catch (error) {
    // The loader does not need them: what can be read is enough.
    if (!(error instanceof Damage)) throw error;
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
