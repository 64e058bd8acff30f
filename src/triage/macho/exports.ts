import { type Forward, ExportList } from '../export-list.js';
import { NOTE_SYMBOL } from '../note.js';
import type { Reader } from '../reader.js';
import { type LoadCommand, LC } from './commands.js';
import { walkSymbols } from './symbols.js';
import { walkTrie } from './trie.js';

export interface MachoExports {
  readonly exports: readonly string[];
  readonly exportsTruncated: boolean;
  readonly forwards: readonly Forward[];
  /** The address of the plugin note; undefined if it is not exported. */
  readonly noteAddress: number | undefined;
}

/** dlsym uses the export trie; the symbol table only matters in files without one. */
export function readExports(reader: Reader, commands: readonly LoadCommand[], baseAddress: number): MachoExports {
  const names = new ExportList();
  let noteAddress: number | undefined;
  /** dlsym prepends an underscore, so it cannot find a symbol without one. */
  const add = (symbol: string, address: number | undefined, forwardedTo?: string): boolean => {
    if (!symbol.startsWith('_')) return true;
    if (symbol === `_${NOTE_SYMBOL}`) noteAddress = address;
    return names.add(symbol.slice(1), forwardedTo?.replace(/^_/, ''));
  };

  const trie = findTrie(reader, commands);
  const { truncated } =
    trie === undefined
      ? walkSymbols(reader, commands, add)
      : walkTrie(trie, ({ name, address, importedAs }) =>
          address === undefined ? add(name, undefined, importedAs === '' ? name : importedAs) : add(name, baseAddress + address),
        );
  return { exports: names.list(), exportsTruncated: truncated, forwards: names.forwards, noteAddress };
}

/** Undefined if the file has no trie; an empty trie exports nothing. */
function findTrie(reader: Reader, commands: readonly LoadCommand[]): Reader | undefined {
  const own = commands.find(({ type }) => type === LC.DYLD_EXPORTS_TRIE)?.body.fields(0, 16);
  const shared = commands.find(({ type }) => type === LC.DYLD_INFO || type === LC.DYLD_INFO_ONLY)?.body.fields(0, 48);
  if (own !== undefined) return reader.window('the export trie', own.u32(8), own.u32(12));
  return shared === undefined ? undefined : reader.window('the export trie', shared.u32(40), shared.u32(44));
}
