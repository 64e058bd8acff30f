import type { LoadCommand } from './commands.js';
import { LC } from './commands.js';

const SEGMENT_SIZE = 72;
const SECTION_SIZE = 80;
const SECTION_TYPE = 0xff;

export interface MachoSection {
  readonly name: string;
  readonly type: number;
  readonly size: number;
}

export interface MachoSegment {
  readonly address: number;
  /** Offset and size in the file. */
  readonly offset: number;
  readonly fileSize: number;
  readonly sections: readonly MachoSection[];
}

export function readSegments(commands: readonly LoadCommand[]): MachoSegment[] {
  return commands
    .filter(({ type }) => type === LC.SEGMENT_64)
    .map(({ body }) => {
      const fields = body.fields(0, SEGMENT_SIZE);
      const count = fields.u32(64);
      const table = body.window('the sections', SEGMENT_SIZE, count * SECTION_SIZE);
      const sections = Array.from({ length: count }, (_, index): MachoSection => {
        const section = table.fields(index * SECTION_SIZE, SECTION_SIZE);
        return { name: section.text(0, 16), type: section.u32(64) & SECTION_TYPE, size: section.u64(40) };
      });
      return { address: fields.u64(24), offset: fields.u64(40), fileSize: fields.u64(48), sections };
    });
}

export function fileEnd(segments: readonly MachoSegment[]): number {
  return segments.reduce((end, { offset, fileSize }) => Math.max(end, offset + fileSize), 0);
}

/** The file offset of `address`. */
export function offsetOf(segments: readonly MachoSegment[], address: number): number | undefined {
  const home = segments.find((s) => address >= s.address && address < s.address + s.fileSize);
  return home === undefined ? undefined : home.offset + address - home.address;
}

/** The address of the header: that of the segment at the start of the file. Addresses in the export trie are relative to it. */
export function baseAddress(segments: readonly MachoSegment[]): number {
  return segments.find(({ offset, fileSize }) => offset === 0 && fileSize > 0)?.address ?? 0;
}
