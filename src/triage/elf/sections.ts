import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { type ElfHeader, SECTION_HEADER_SIZE } from './header.js';

const SHT_NULL = 0;
const SHT_NOBITS = 8;

const LAYOUT = {
  32: { offset: 16, size: 20 },
  64: { offset: 24, size: 32 },
} as const;

export interface Section {
  readonly nameOffset: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** The section headers. Loaders do not need them and strip tools may remove them, so nothing here relies on them. */
export function readSections(reader: Reader, { sectionHeaders }: ElfHeader): readonly Section[] {
  const { bits } = reader.encoding;
  const entry = SECTION_HEADER_SIZE[bits];
  const table = reader.window('the section headers', sectionHeaders.offset, sectionHeaders.count * entry);
  return Array.from({ length: sectionHeaders.count }, (_, index): Section => {
    const fields = table.fields(index * entry, entry);
    return {
      nameOffset: fields.u32(0),
      type: fields.u32(4),
      offset: fields.word(LAYOUT[bits].offset),
      size: fields.word(LAYOUT[bits].size),
    };
  });
}

/** The file offset at which the last section ends. */
export function sectionsEnd(sections: readonly Section[]): number {
  const stored = sections.filter(({ type }) => type !== SHT_NULL && type !== SHT_NOBITS);
  return stored.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
}

export function hasSection(reader: Reader, header: ElfHeader, sections: readonly Section[], names: readonly string[]): boolean {
  const strings = sections[header.sectionNames];
  if (strings === undefined) return false;
  try {
    const table = reader.window('the section names', strings.offset, strings.size);
    return sections.some(({ nameOffset }) => names.includes(table.cstring(nameOffset, LIMITS.shortName)));
  } catch (error) {
    // Invalid section names are harmless: the loader does not read them.
    if (error instanceof MalformedFileError) return false;
    throw error;
  }
}
