import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import { DIRECTORY } from './header.js';
import type { Image } from './image.js';

const IMPORT = { size: 20, name: 12 } as const;
const DELAY = { size: 32, name: 4 } as const;
/** Flag of newer delay imports, whose addresses are relative to the image's base. Older ones are absolute. */
const DELAY_FROM_BASE = 1;

/** Libraries that the loader opens before this one. */
export function readImports(image: Image): string[] {
  return libraries(image, DIRECTORY.IMPORT, IMPORT.size, (fields) => fields.u32(IMPORT.name));
}

/** Libraries that are opened on first use. */
export function readDelayImports(image: Image): string[] {
  return libraries(image, DIRECTORY.DELAY_IMPORT, DELAY.size, (fields) => {
    const name = fields.u32(DELAY.name);
    return name === 0 || (fields.u32(0) & DELAY_FROM_BASE) !== 0 ? name : name - image.header.imageBase;
  });
}

/** A list of records, terminated by one without a name. */
function libraries(image: Image, index: number, size: number, nameOf: (fields: ReturnType<Image['reader']['fields']>) => number): string[] {
  const directory = image.directory(index);
  if (directory === undefined) return [];
  const table = image.window('the imports', directory.address);
  const names: string[] = [];
  for (let at = 0; names.length < LIMITS.needed; at += size) {
    const name = nameOf(table.fields(at, size));
    if (name === 0) return names;
    names.push(image.text('the name of an import', name, LIMITS.path));
  }
  throw new MalformedFileError(`at most ${LIMITS.needed} needed libraries`, 'more');
}
