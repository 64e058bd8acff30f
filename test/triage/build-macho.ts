import { Bytes } from './bytes.js';

export interface MachoPlan {
  readonly cpu?: number;
  readonly subtype?: number;
  readonly fileType?: number;
  readonly flags?: number;
  /** Exported symbols, with their underscore. */
  readonly exports?: readonly string[];
  /** Symbol → the symbol it is in the library it comes from. */
  readonly reexports?: Readonly<Record<string, string>>;
  /** The content of an exported `_aisopod_plugin_note`. */
  readonly note?: Buffer;
  /** Takes the place of the trie. */
  readonly trie?: Buffer;
  /** Where the exports are; `both` commands of a trie exist in the wild. */
  readonly exportsIn?: 'trie' | 'dyld-info' | 'symbol-table';
  readonly needed?: readonly string[];
  readonly weak?: readonly string[];
  readonly rpaths?: readonly string[];
  readonly platform?: number;
  /** Sections: name, type, size. */
  readonly sections?: readonly (readonly [name: string, type: number, size: number])[];
}

/** Segments: one with the header at BASE, one for the tables. Addresses differ from positions in the file. */
const BASE = 0x4000;

/** A small 64-bit Mach-O library. */
export function buildMacho(plan: MachoPlan = {}): Buffer {
  const commands: Buffer[] = [];
  const place = (size: number): number => 32 + commands.reduce((sum, command) => sum + command.length, 0) + size;
  const library = (type: number, name: string): number => commands.push(withText(type, name, [0, 0, 0]));
  for (const name of plan.needed ?? []) library(0xc, name);
  for (const name of plan.weak ?? []) library(0x80000018, name);
  for (const folder of plan.rpaths ?? []) commands.push(withText(0x8000001c, folder, []));
  if (plan.platform !== undefined) commands.push(new Bytes().u32(0x32, 24, plan.platform, 0, 0, 0).buffer());

  const sections = plan.sections ?? [];
  const exportsIn = plan.exportsIn ?? 'trie';
  const exportsCommand = { trie: 16, 'dyld-info': 48, 'symbol-table': 24 }[exportsIn];
  const noteAt = Math.ceil(place(72 + 80 * sections.length + 72 + exportsCommand) / 8) * 8;
  const tablesAt = noteAt + (plan.note?.length ?? 0);
  const symbols: [string, number][] = (plan.exports ?? []).map((name) => [name, 0]);
  if (plan.note !== undefined) symbols.push(['_aisopod_plugin_note', noteAt]);
  const tables = exportsIn === 'symbol-table' ? symbolTable(symbols) : (plan.trie ?? trie(symbols, plan.reexports ?? {}));

  const segment = (name: string, offset: number, size: number, inside: typeof sections): void => {
    const out = new Bytes().u32(0x19, 72 + 80 * inside.length).raw(Buffer.from(name.padEnd(16, '\0')));
    out.u64(BASE + offset, size, offset, size).u32(7, 5, inside.length, 0);
    for (const [section, type, bytes] of inside) {
      out.raw(Buffer.from(section.padEnd(16, '\0'))).raw(Buffer.from(name.padEnd(16, '\0')));
      out.u64(BASE, bytes).u32(0, 0, 0, 0, type, 0, 0, 0);
    }
    commands.push(out.buffer());
  };
  segment('__TEXT', 0, tablesAt, sections);
  segment('__LINKEDIT', tablesAt, tables.length, []);
  if (exportsIn === 'trie') commands.push(new Bytes().u32(0x80000033, 16, tablesAt, tables.length).buffer());
  else if (exportsIn === 'dyld-info') commands.push(new Bytes().u32(0x80000022, 48).padTo(40).u32(tablesAt, tables.length).buffer());
  else {
    const strings = tablesAt + symbols.length * 16 + 16;
    commands.push(new Bytes().u32(2, 24, tablesAt, symbols.length + 1, strings, tables.length - symbols.length * 16 - 16).buffer());
  }

  const body = Buffer.concat(commands);
  const out = new Bytes().u32(0xfeedfacf, plan.cpu ?? 0x0100000c, plan.subtype ?? 0, plan.fileType ?? 6);
  out.u32(commands.length, body.length, plan.flags ?? 0, 0).raw(body).padTo(noteAt);
  return out.raw(plan.note ?? []).raw(tables).buffer();
}

function withText(type: number, text: string, fields: readonly number[]): Buffer {
  const at = 12 + fields.length * 4;
  const size = Math.ceil((at + text.length + 1) / 8) * 8;
  return new Bytes().u32(type, size, at, ...fields).raw(Buffer.from(text)).padTo(size).buffer();
}

/** Numbers below 2^14, always in two bytes, so that sizes are known beforehand. */
const uleb = (value: number): number[] => [(value & 0x7f) | 0x80, (value >> 7) & 0x7f];

/** A root with one branch per symbol: the whole name at once. */
function trie(symbols: readonly [string, number][], reexports: Readonly<Record<string, string>>): Buffer {
  const leaves = [
    ...symbols.map(([name, address]) => ({ name, payload: [0, ...uleb(address)] })),
    ...Object.entries(reexports).map(([name, to]) => ({ name, payload: [8, 1, ...Buffer.from(`${to}\0`)] })),
  ];
  const root = new Bytes().u8(0, leaves.length);
  let at = 2 + leaves.reduce((sum, { name }) => sum + name.length + 3, 0);
  for (const { name, payload } of leaves) {
    root.text(name);
    root.raw(uleb(at));
    at += 2 + payload.length;
  }
  for (const { payload } of leaves) root.u8(payload.length, ...payload, 0);
  return root.buffer();
}

/** The symbols, after one that is imported and so no export. */
function symbolTable(symbols: readonly [string, number][]): Buffer {
  const strings = new Bytes().u8(0);
  const table = new Bytes().u32(strings.text('_imported')).u8(1, 0).u16(0).u64(0);
  for (const [name, address] of symbols) table.u32(strings.text(name)).u8(0xf, 1).u16(0).u64(BASE + address);
  return Buffer.concat([table.buffer(), strings.buffer()]);
}

/** A fat file around whole libraries. */
export function buildFat(slices: readonly (readonly [cpu: number, bytes: Buffer])[], wide = false): Buffer {
  const out = new Bytes(false).u32(wide ? 0xcafebabf : 0xcafebabe, slices.length);
  const start = 8 + slices.length * (wide ? 32 : 20);
  let at = Math.ceil(start / 16) * 16;
  const placed = slices.map(([cpu, bytes]) => {
    const offset = at;
    at = Math.ceil((at + bytes.length) / 16) * 16;
    return { cpu, bytes, offset };
  });
  for (const { cpu, bytes, offset } of placed) {
    out.u32(cpu, 0).number(offset, wide ? 8 : 4).number(bytes.length, wide ? 8 : 4).u32(4);
    if (wide) out.u32(0);
  }
  for (const { bytes, offset } of placed) out.padTo(offset).raw(bytes);
  return out.buffer();
}

export const CPU = { x64: 0x01000007, arm64: 0x0100000c, ia32: 7 };
