import { LIMITS } from '../limits.js';
import { type Forward, ExportList } from '../export-list.js';
import { NOTE_SYMBOL } from '../note.js';
import { DIRECTORY } from './header.js';
import type { Image } from './image.js';

export interface PeExports {
  readonly exports: readonly string[];
  readonly exportsTruncated: boolean;
  readonly forwards: readonly Forward[];
  /** The address of the plugin note; undefined if it is not exported. */
  readonly noteAddress: number | undefined;
}

const NOTHING: PeExports = { exports: [], exportsTruncated: false, forwards: [], noteAddress: undefined };

/** The names in the export directory. Exports by ordinal alone are left out. */
export function readExports(image: Image): PeExports {
  const directory = image.directory(DIRECTORY.EXPORT);
  if (directory === undefined) return NOTHING;
  const head = image.window('the export directory', directory.address).fields(0, 40);
  const named = head.u32(24);
  const count = Math.min(named, LIMITS.symbols);
  if (count === 0) return NOTHING;

  const functions = image.window('the export addresses', head.u32(28), head.u32(20) * 4);
  const nameTable = image.window('the export names', head.u32(32), count * 4);
  const numbers = image.window('the export numbers', head.u32(36), count * 2);
  const names = new ExportList();
  names.truncated = count < named;
  let noteAddress: number | undefined;
  for (let index = 0; index < count; index += 1) {
    const name = image.text('the export names', nameTable.u32(index * 4), LIMITS.symbolName);
    const address = functions.u32(numbers.fields(index * 2, 2).u16(0) * 4);
    // An address inside the directory is a forwarder: the name of a function in another library.
    const forwarded = address >= directory.address && address < directory.address + directory.size;
    if (name === NOTE_SYMBOL) noteAddress = address;
    if (!names.add(name, forwarded ? image.text('a forwarded export', address, LIMITS.path) : undefined)) break;
  }
  return { exports: names.list(), exportsTruncated: names.truncated, forwards: names.forwards, noteAddress };
}
