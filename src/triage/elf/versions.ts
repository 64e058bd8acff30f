import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Fields, Reader } from '../reader.js';
import { DT, type Dynamic } from './dynamic.js';
import type { Segments } from './segments.js';

const VER_FLG_WEAK = 2;

/** The symbol versions that the library requires (`GLIBC_2.34`, `CXXABI_1.3` …). */
export function neededVersions(dynamic: Dynamic, segments: Segments): string[] {
  const address = dynamic.value(DT.VERNEED);
  if (address === undefined) return [];
  const table = segments.window('the needed versions', address);
  const strings = dynamic.stringTable();
  const seen: { readonly name: string; readonly weak: boolean }[] = [];
  for (const library of linked(table, 0, dynamic.value(DT.VERNEEDNUM) ?? 0, { size: 16, next: 12 })) {
    const first = library.at + library.fields.u32(8);
    for (const { fields } of linked(table, first, library.fields.u16(2), { size: 16, next: 12 })) {
      if (seen.length >= LIMITS.entries) throw new MalformedFileError(`at most ${LIMITS.entries} needed versions`, 'more');
      const weak = (fields.u16(4) & VER_FLG_WEAK) !== 0;
      seen.push({ name: strings.cstring(fields.u32(8), LIMITS.shortName), weak });
    }
  }
  return seen.filter(({ weak }) => !weak).map(({ name }) => name);
}

/** The symbol versions that the library defines. */
export function definedVersions(dynamic: Dynamic, segments: Segments): string[] {
  const address = dynamic.value(DT.VERDEF);
  if (address === undefined) return [];
  const table = segments.window('the defined versions', address);
  const strings = dynamic.stringTable();
  const definitions = linked(table, 0, dynamic.value(DT.VERDEFNUM) ?? 0, { size: 20, next: 16 });
  return Array.from(definitions, ({ at, fields }) => {
    const name = table.u32(at + fields.u32(12));
    return strings.cstring(name, LIMITS.shortName);
  });
}

/** A linked list: each record holds the distance to the next, which is never negative, so the list ends. */
function* linked(
  table: Reader,
  start: number,
  count: number,
  record: { readonly size: number; readonly next: number },
): Generator<{ readonly at: number; readonly fields: Fields }> {
  let at = start;
  for (let left = Math.min(count, LIMITS.entries); left > 0; left -= 1) {
    const fields = table.fields(at, record.size);
    yield { at, fields };
    const step = fields.u32(record.next);
    if (step === 0) return;
    at += step;
  }
}
