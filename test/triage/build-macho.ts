import { createHash } from 'node:crypto';
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
  /** Of the platform: 0xMMMMmmpp. */
  readonly minVersion?: number;
  /** Sections: name, type, size. */
  readonly sections?: readonly (readonly [name: string, type: number, size: number])[];
  /** The code signature. Default: as `codesign --sign -` makes it. */
  readonly signature?: SignaturePlan | 'none';
}

export interface SignaturePlan {
  /** Numbers of hash algorithms, one code directory for each. */
  readonly hashes?: readonly number[];
  readonly pageShift?: number;
  readonly teamId?: string;
  /** How many bytes are signed. Default: all before the signature. */
  readonly signedBytes?: number;
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
  if (plan.platform !== undefined) commands.push(new Bytes().u32(0x32, 24, plan.platform, plan.minVersion ?? 0, 0, 0).buffer());

  const sections = plan.sections ?? [];
  const exportsIn = plan.exportsIn ?? 'trie';
  const exportsCommand = { trie: 16, 'dyld-info': 48, 'symbol-table': 24 }[exportsIn];
  const signature = plan.signature === 'none' ? undefined : (plan.signature ?? {});
  const noteAt = Math.ceil(place(72 + 80 * sections.length + 72 + exportsCommand + (signature === undefined ? 0 : 16)) / 8) * 8;
  const tablesAt = noteAt + (plan.note?.length ?? 0);
  const symbols: [string, number][] = (plan.exports ?? []).map((name) => [name, 0]);
  if (plan.note !== undefined) symbols.push(['_aisopod_plugin_note', noteAt]);
  const tables = exportsIn === 'symbol-table' ? symbolTable(symbols) : (plan.trie ?? trie(symbols, plan.reexports ?? {}));

  const signatureAt = Math.ceil((tablesAt + tables.length) / 16) * 16;
  const signatureSize = signature === undefined ? 0 : sign(Buffer.alloc(signatureAt), signature).length;
  const end = signature === undefined ? tablesAt + tables.length : signatureAt + signatureSize;

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
  segment('__LINKEDIT', tablesAt, end - tablesAt, []);
  if (exportsIn === 'trie') commands.push(new Bytes().u32(0x80000033, 16, tablesAt, tables.length).buffer());
  else if (exportsIn === 'dyld-info') commands.push(new Bytes().u32(0x80000022, 48).padTo(40).u32(tablesAt, tables.length).buffer());
  else {
    const strings = tablesAt + symbols.length * 16 + 16;
    commands.push(new Bytes().u32(2, 24, tablesAt, symbols.length + 1, strings, tables.length - symbols.length * 16 - 16).buffer());
  }

  if (signature !== undefined) commands.push(new Bytes().u32(0x1d, 16, signatureAt, signatureSize).buffer());

  const body = Buffer.concat(commands);
  const out = new Bytes().u32(0xfeedfacf, plan.cpu ?? 0x0100000c, plan.subtype ?? 0, plan.fileType ?? 6);
  out.u32(commands.length, body.length, plan.flags ?? 0, 0).raw(body).padTo(noteAt);
  out.raw(plan.note ?? []).raw(tables);
  if (signature === undefined) return out.buffer();
  const code = out.padTo(signatureAt).buffer();
  return Buffer.concat([code, sign(code, signature)]);
}

const HASHES: Readonly<Record<number, readonly [name: string, size: number]>> = { 1: ['sha1', 20], 2: ['sha256', 32], 3: ['sha256', 20], 4: ['sha384', 48] };

/** A code signature: an index of parts, and a code directory for each hash algorithm. */
function sign(code: Buffer, { hashes = [2], pageShift = 12, teamId, signedBytes = code.length }: SignaturePlan): Buffer {
  const directories = hashes.map((algorithm) => codeDirectory(code.subarray(0, signedBytes), algorithm, pageShift, teamId));
  const index = 12 + directories.length * 8;
  const size = directories.reduce((sum, { length }) => sum + length, index);
  const out = new Bytes(false).u32(0xfade0cc0, size, directories.length);
  directories.forEach((_, slot) => out.u32(slot === 0 ? 0 : 0xfff + slot, directories.slice(0, slot).reduce((sum, { length }) => sum + length, index)));
  return out.raw(Buffer.concat(directories)).buffer();
}

function codeDirectory(code: Buffer, algorithm: number, pageShift: number, teamId: string | undefined): Buffer {
  const [name, size] = HASHES[algorithm] ?? ['sha256', 32];
  const pageSize = pageShift === 0 ? code.length : 2 ** pageShift;
  const pages = Array.from({ length: Math.ceil(code.length / pageSize) }, (_, page) => code.subarray(page * pageSize, (page + 1) * pageSize));
  const names = Buffer.from(`x\0${teamId === undefined ? '' : `${teamId}\0`}`);
  const hashesAt = 52 + names.length;
  const out = new Bytes(false).u32(0xfade0c02, hashesAt + pages.length * size, 0x20200, 2, hashesAt, 52, 0, pages.length, code.length);
  out.u8(size, algorithm, 0, pageShift).u32(0, 0, teamId === undefined ? 0 : 54).raw(names);
  for (const page of pages) out.raw(createHash(name).update(page).digest().subarray(0, size));
  return out.buffer();
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
