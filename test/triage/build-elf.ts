import { Bytes } from './bytes.js';

export interface ElfPlan {
  readonly bits?: 32 | 64;
  readonly littleEndian?: boolean;
  readonly machine?: number;
  readonly type?: number;
  readonly osabi?: number;
  readonly exports?: readonly string[];
  /** The content of an exported `aisopod_plugin_note`. */
  readonly note?: Buffer;
  readonly hash?: 'sysv' | 'gnu';
  readonly needed?: readonly string[];
  readonly runpath?: string;
  /** Library → the versions it must have. */
  readonly versions?: Readonly<Record<string, readonly string[]>>;
  /** More dynamic entries. */
  readonly dynamic?: readonly (readonly [tag: number, value: number])[];
  /** More program headers: type and flags. */
  readonly segments?: readonly (readonly [type: number, flags: number])[];
  /** Content of a PT_NOTE segment. */
  readonly systemNotes?: Buffer;
}

/** Memory addresses differ from file positions, so that a reader that mixes them up is caught. */
const BASE = 0x10000;
const [NEEDED, STRTAB, SYMTAB, STRSZ, RUNPATH] = [1, 5, 6, 10, 29];
const [PT_LOAD, PT_DYNAMIC, PT_NOTE] = [1, 2, 4];

/** A small ELF library without section headers, as strip tools leave them. */
export function buildElf(plan: ElfPlan = {}): Buffer {
  const { bits = 64, littleEndian = true, exports = [], segments = [] } = plan;
  const wide = bits === 64;
  const out = new Bytes(littleEndian);
  const word = (...values: number[]): Bytes => (wide ? out.u64(...values) : out.u32(...values));
  const headers = 2 + segments.length + (plan.systemNotes === undefined ? 0 : 1);
  const [ehsize, phsize] = wide ? [64, 56] : [52, 32];
  out.raw([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1, plan.osabi ?? 0]).padTo(16);
  out.u16(plan.type ?? 3, plan.machine ?? 62).u32(1);
  word(0, ehsize, 0).u32(0).u16(ehsize, phsize, headers, wide ? 64 : 40, 0, 0);
  const programHeaders = out.length;
  out.padTo(programHeaders + headers * phsize);

  const strings = new Bytes().u8(0);
  const written = new Map<string, number>();
  const noteAt = out.align(8).length;
  out.raw(plan.note ?? []);
  const symbolsAt = out.align(8).length;
  const symbol = (name: string, value: number, section: number): void => {
    const at = name === '' ? 0 : (written.get(name) ?? strings.text(name));
    written.set(name, at);
    if (wide) out.u32(at).u8(0x11, 0).u16(section).u64(value, 64);
    else out.u32(at, value, 64).u8(0x11, 0).u16(section);
  };
  symbol('', 0, 0);
  symbol('imported_function', 0, 0);
  for (const name of exports) symbol(name, BASE + symbolsAt, 1);
  if (plan.note !== undefined) symbol('aisopod_plugin_note', BASE + noteAt, 1);
  const count = 2 + exports.length + (plan.note === undefined ? 0 : 1);
  const hashAt = out.align(8).length;
  const defined = count - 2;
  if (plan.hash === 'sysv') {
    // s390x alone has wide words here.
    for (const value of [1, count, 0, ...Array.from({ length: count }, () => 0)]) out.number(value, plan.machine === 22 ? 8 : 4);
  }
  if (plan.hash !== 'sysv') {
    out.u32(1, 2, 1, 0);
    word(0).u32(defined === 0 ? 0 : 2, ...Array.from({ length: defined }, (_, index) => (index === defined - 1 ? 1 : 2)));
  }

  const dynamic: (readonly [number, number])[] = (plan.needed ?? []).map((name) => [NEEDED, strings.text(name)]);
  if (plan.runpath !== undefined) dynamic.push([RUNPATH, strings.text(plan.runpath)]);
  const libraries = Object.entries(plan.versions ?? {});
  if (libraries.length > 0) {
    dynamic.push([0x6ffffffe, BASE + out.align(8).length], [0x6fffffff, libraries.length]);
    for (const [index, [library, versions]] of libraries.entries()) {
      const last = index === libraries.length - 1;
      out.u16(1, versions.length).u32(strings.text(library), 16, last ? 0 : 16 + 16 * versions.length);
      versions.forEach((version, at) => out.u32(0).u16(0, 2).u32(strings.text(version), at === versions.length - 1 ? 0 : 16));
    }
  }
  const stringsAt = out.length;
  out.raw(strings.buffer());
  dynamic.push([STRTAB, BASE + stringsAt], [SYMTAB, BASE + symbolsAt], [STRSZ, strings.length]);
  dynamic.push([plan.hash === 'sysv' ? 4 : 0x6ffffef5, BASE + hashAt], ...(plan.dynamic ?? []), [0, 0]);
  const notesAt = out.align(8).length;
  out.raw(plan.systemNotes ?? []);
  const dynamicAt = out.align(8).length;
  for (const [tag, value] of dynamic) word(tag, value);

  const table = new Bytes(littleEndian);
  const segment = (type: number, flags: number, offset: number, size: number): void => {
    if (wide) table.u32(type, flags).u64(offset, BASE + offset, 0, size, size, 8);
    else table.u32(type, offset, BASE + offset, 0, size, size, flags, 4);
  };
  segment(PT_LOAD, 5, 0, out.length);
  segment(PT_DYNAMIC, 6, dynamicAt, out.length - dynamicAt);
  if (plan.systemNotes !== undefined) segment(PT_NOTE, 4, notesAt, plan.systemNotes.length);
  for (const [type, flags] of segments) segment(type, flags, 0, 0);
  return Buffer.concat([out.buffer().subarray(0, programHeaders), table.buffer(), out.buffer().subarray(programHeaders + table.length)]);
}

/** One note of a PT_NOTE segment. */
export function elfNote(owner: string, type: number, value: number): Buffer {
  const out = new Bytes().u32(owner.length + 1, 4, type);
  out.text(owner);
  return out.align(4).u32(value).buffer();
}
