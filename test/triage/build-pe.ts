import { Bytes } from './bytes.js';

export interface PePlan {
  readonly bits?: 32 | 64;
  readonly machine?: number;
  /** COFF characteristics; a DLL unless told. */
  readonly characteristics?: number;
  readonly exports?: readonly string[];
  /** Name → `LIBRARY.name`. */
  readonly forwards?: Readonly<Record<string, string>>;
  /** The content of an exported `aisopod_plugin_note`. */
  readonly note?: Buffer;
  readonly imports?: readonly string[];
  readonly delayImports?: readonly string[];
  /** How many thread-local callbacks; undefined for no thread-local directory. */
  readonly callbacks?: number;
  readonly entryPoint?: number;
  /** Put into the data section. */
  readonly data?: Buffer;
  /** Bytes of a signature at the end. */
  readonly signature?: number;
}

/** Where the one section is in the file and in memory: different, so that a reader that mixes them up is caught. */
const RAW = 0x400;
const ADDRESS = 0x2000;
const IMAGE_BASE = 0x180000000;
const IMAGE_BASE_32 = 0x10000000;

/** A small DLL with one section. */
export function buildPe(plan: PePlan = {}): Buffer {
  const { bits = 64, imports = [], delayImports = [] } = plan;
  const wide = bits === 64;
  const base = wide ? IMAGE_BASE : IMAGE_BASE_32;
  const body = new Bytes();
  const here = (): number => ADDRESS + body.length;
  const text = (value: string): number => ADDRESS + body.text(value);
  const directories = Array.from({ length: 16 }, () => [0, 0] as [number, number]);

  body.raw(plan.data ?? []).align(8);
  const noteAt = here();
  body.raw(plan.note ?? []);
  const imported = imports.map(text);
  directories[1] = [here(), (imported.length + 1) * 20];
  for (const name of imported) body.u32(0, 0, 0, name, 0);
  body.u32(0, 0, 0, 0, 0);
  const delayed = delayImports.map(text);
  if (delayed.length > 0) directories[13] = [here(), (delayed.length + 1) * 32];
  // The first as new linkers write it, the others as old ones did: as addresses in memory.
  delayed.forEach((name, index) => (index === 0 || wide ? body.u32(1, name) : body.u32(0, base + name)).padTo(body.length + 24));
  body.padTo(body.length + 32);
  if (plan.callbacks !== undefined) {
    const list = base + here();
    for (let left = plan.callbacks; left > 0; left -= 1) body.number(base + ADDRESS, wide ? 8 : 4);
    body.number(0, wide ? 8 : 4);
    directories[9] = [here(), wide ? 40 : 24];
    for (const value of [0, 0, 0, list]) body.number(value, wide ? 8 : 4);
    body.u32(0, 0);
  }
  directories[0] = exportDirectory(plan, body, noteAt);

  const out = new Bytes();
  out.raw(Buffer.from('MZ')).padTo(0x3c).u32(0x80).padTo(0x80).raw(Buffer.from('PE\0\0'));
  const optionalSize = (wide ? 112 : 96) + 128;
  out.u16(plan.machine ?? 0x8664, 1).u32(0, 0, 0).u16(optionalSize, plan.characteristics ?? 0x2022);
  const optional = out.length;
  out.u16(wide ? 0x20b : 0x10b).padTo(optional + 16).u32(plan.entryPoint ?? 0).padTo(optional + (wide ? 24 : 28));
  out.number(base, wide ? 8 : 4).u32(0x1000, 0x200).padTo(optional + 60).u32(RAW).padTo(optional + (wide ? 108 : 92)).u32(16);
  const end = RAW + Math.ceil(body.length / 0x200) * 0x200;
  if (plan.signature !== undefined) directories[4] = [end, plan.signature];
  for (const [address, size] of directories) out.u32(address, size);
  out.raw(Buffer.from('.data\0\0\0')).u32(body.length, ADDRESS, end - RAW, RAW, 0, 0).u16(0, 0).u32(0xc0000040);
  return out.padTo(RAW).raw(body.buffer()).padTo(end + (plan.signature ?? 0)).buffer();
}

function exportDirectory(plan: PePlan, body: Bytes, noteAt: number): [number, number] {
  const forwards = plan.forwards ?? {};
  const functions: [string, number | string][] = [
    ...(plan.exports ?? []).map((name): [string, number] => [name, ADDRESS]),
    ...(plan.note === undefined ? [] : [['aisopod_plugin_note', noteAt] as [string, number]]),
    ...Object.entries(forwards),
  ];
  if (functions.length === 0) return [0, 0];
  const start = body.align(4).length;
  const count = functions.length;
  body.padTo(start + 40 + count * 10);
  functions.forEach(([name, target], index) => {
    const address = typeof target === 'number' ? target : ADDRESS + body.text(target);
    body.patch(start + 40 + index * 4, address, 4);
    body.patch(start + 40 + count * 4 + index * 4, ADDRESS + body.text(name), 4);
    body.patch(start + 40 + count * 8 + index * 2, index, 2);
  });
  const at = ADDRESS + start;
  [0, 0, 0, 0, 1, count, count, at + 40, at + 40 + count * 4, at + 40 + count * 8].forEach((value, index) => {
    body.patch(start + index * 4, value, 4);
  });
  return [at, body.length - start];
}
