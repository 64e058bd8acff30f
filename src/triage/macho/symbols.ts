import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { type LoadCommand, LC } from './commands.js';

const NLIST_SIZE = 16;
const N = { STAB: 0xe0, PRIVATE_EXTERNAL: 0x10, TYPE: 0x0e, EXTERNAL: 0x01 } as const;
const UNDEFINED: readonly number[] = [0x0, 0xc /* prebound */];

/** Walks the exported symbols of the symbol table. `add` returns false to stop. Returns whether the walk was cut short. */
export function walkSymbols(
  reader: Reader,
  commands: readonly LoadCommand[],
  add: (name: string, address: number) => boolean,
): { readonly truncated: boolean } {
  const command = commands.find(({ type }) => type === LC.SYMTAB);
  if (command === undefined) return { truncated: false };
  const head = command.body.fields(0, 24);
  const total = head.u32(12);
  const count = Math.min(total, LIMITS.symbols);
  const table = reader.window('the symbol table', head.u32(8), count * NLIST_SIZE);
  const strings = reader.window('the string table', head.u32(16), head.u32(20));
  for (let index = 0; index < count; index += 1) {
    const symbol = table.fields(index * NLIST_SIZE, NLIST_SIZE);
    if (!isExport(symbol.u8(4))) continue;
    if (!add(strings.cstring(symbol.u32(0), LIMITS.symbolName), symbol.u64(8))) return { truncated: true };
  }
  return { truncated: count < total };
}

function isExport(type: number): boolean {
  const external = (type & N.EXTERNAL) !== 0 && (type & N.PRIVATE_EXTERNAL) === 0;
  return external && (type & N.STAB) === 0 && !UNDEFINED.includes(type & N.TYPE);
}
