import { describe, expect, test } from '@jest/globals';
import { bufferSource } from '../../src/triage/byte-source.js';
import type { Facts } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { buildFat, buildMacho, CPU, type MachoPlan } from './build-macho.js';
import { Bytes, noteBytes, REQUIRED } from './bytes.js';

const SYMBOLS = REQUIRED.map((name) => `_${name}`);
const readBytes = (bytes: Buffer, arch = 'arm64'): Facts => readLibrary(bufferSource(bytes), arch);
const read = (plan: MachoPlan): Facts => readBytes(buildMacho(plan));

describe('a Mach-O library', () => {
  test.each(['trie', 'dyld-info', 'symbol-table'] as const)('exports and the note are found by %s, without the underscore', (exportsIn) => {
    const facts = read({ exportsIn, exports: [...SYMBOLS, 'unreachable'], note: noteBytes() });
    expect(facts).toMatchObject({ format: 'macho', bits: 64, endianness: 'LE', arch: 'arm64', os: 'darwin', noteProblem: undefined });
    expect(facts.exports.toSorted()).toEqual([...REQUIRED, 'aisopod_plugin_note'].toSorted());
    expect(facts.note).toMatchObject({ abiVersion: 1, pluginSize: 64, callSize: 72 });
  });

  test('a re-export points at a symbol of another library, by the same name or another', () => {
    const facts = read({ reexports: { _here: '_there', _same: '' } });
    expect(facts.forwards.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'here', to: 'there' },
      { name: 'same', to: 'same' },
    ]);
  });

  test('needed libraries, weak ones and search paths', () => {
    const facts = read({ needed: ['/usr/lib/libSystem.B.dylib', '@rpath/libone.dylib'], weak: ['@rpath/maybe.dylib'], rpaths: ['@loader_path'] });
    expect(facts.needed).toEqual(['/usr/lib/libSystem.B.dylib', '@rpath/libone.dylib']);
    expect(facts.neededOptionally).toEqual(['@rpath/maybe.dylib']);
    expect(facts.searchPaths).toEqual(['@loader_path']);
  });

  test('the processor, with its own word for the one with signed pointers', () => {
    expect(read({ cpu: CPU.x64, subtype: 3 }).arch).toBe('x64');
    expect(read({ cpu: CPU.arm64, subtype: 0x80000002 }).arch).toBe('arm64e');
    expect(read({ cpu: 0x7777 }).arch).toBe('machine 30583');
  });

  test('the platform', () => {
    expect(read({ platform: 1 }).os).toBe('darwin');
    expect(read({ platform: 2 }).os).toBe('ios');
    expect(read({ platform: 99 }).os).toBe('another Apple system');
  });

  test('constructors, thread-local storage and a Go runtime are traits', () => {
    expect(read({}).traits).toMatchObject({ constructors: 0, threadLocals: false, goRuntime: false });
    const sections = [['__mod_init_func', 0x9, 16], ['__init_offsets', 0x16, 4], ['__go_buildinfo', 0, 32]] as const;
    expect(read({ sections, flags: 0x800000 }).traits).toMatchObject({ constructors: 3, threadLocals: true, goRuntime: true });
  });

  test('a bundle is a library; other kinds are called by their names', () => {
    expect(read({ fileType: 8 }).format).toBe('macho');
    expect(() => read({ fileType: 2 })).toThrow('an executable (not a shared library)');
    expect(() => read({ fileType: 1 })).toThrow('an object file (not linked)');
  });

  test('32-bit and big-endian files are read as far as their processor', () => {
    const old = new Bytes().u32(0xfeedface, CPU.ia32, 3, 6, 0, 0, 0).buffer();
    expect(readBytes(old)).toMatchObject({ bits: 32, arch: 'ia32', exports: [] });
    const big = new Bytes(false).u32(0xfeedface, 18, 0, 6, 0, 0, 0).buffer();
    expect(readBytes(big)).toMatchObject({ endianness: 'BE', arch: 'ppc' });
  });
});

describe('a code signature', () => {
  /** Over 4096 bytes, so that there are several pages. */
  const note = Buffer.alloc(9000, 7);
  const stateOf = (bytes: Buffer): string | undefined => readBytes(bytes).codeSignature?.state;

  test.each([1, 2, 3, 4])('with hash algorithm %i matches the file that was signed, and not one that was changed', (hash) => {
    const bytes = buildMacho({ exports: SYMBOLS, note, signature: { hashes: [hash] } });
    expect(readBytes(bytes).codeSignature).toEqual({ state: 'valid', problem: undefined, teamId: undefined });
    for (const at of [24, 5000, 9000]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x40, at);
      expect(readBytes(changed).codeSignature).toEqual({ state: 'broken', problem: `the file was changed after it was signed, near byte ${Math.floor(at / 4096) * 4096}`, teamId: undefined });
    }
  });

  test('is compared by its strongest hash, page by page or as a whole', () => {
    expect(stateOf(buildMacho({ exports: SYMBOLS, note, signature: { hashes: [1, 2] } }))).toBe('valid');
    expect(stateOf(buildMacho({ exports: SYMBOLS, note, signature: { pageShift: 0 } }))).toBe('valid');
    expect(stateOf(buildMacho({ exports: SYMBOLS, note, signature: { pageShift: 14 } }))).toBe('valid');
    // The directory with SHA-1 comes first; only the hash of SHA-256 is wrong.
    const bytes = buildMacho({ exports: SYMBOLS, signature: { hashes: [1, 2] } });
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    expect(stateOf(bytes)).toBe('broken');
  });

  test('that is missing is not broken', () => {
    expect(read({ signature: 'none' }).codeSignature).toEqual({ state: 'missing', problem: undefined, teamId: undefined });
  });

  test('names the team that signed it', () => {
    expect(read({ signature: { teamId: 'ABCDE12345' } }).codeSignature).toEqual({ state: 'valid', problem: undefined, teamId: 'ABCDE12345' });
  });

  test('of a part of the code only, or of more than the file, is broken', () => {
    expect(read({ exports: SYMBOLS, note, signature: { signedBytes: 4096 } }).codeSignature?.problem).toMatch(/^it signs 4096 bytes of \d+$/);
    const bytes = buildMacho({ exports: SYMBOLS });
    const limit = bytes.lastIndexOf(Buffer.from('fade0c02', 'hex')) + 32;
    bytes.writeUInt32BE(1 << 20, limit);
    expect(readBytes(bytes).codeSignature?.problem).toBe(`it signs ${1 << 20} bytes, the file has ${bytes.length}`);
  });

  test('with an unknown hash algorithm is not checked', () => {
    expect(stateOf(buildMacho({ exports: SYMBOLS, signature: { hashes: [9] } }))).toBe('unchecked');
  });

  test('that is not one is broken, and the library is read all the same', () => {
    const bytes = buildMacho({ exports: SYMBOLS });
    bytes.fill(0xaa, bytes.lastIndexOf(Buffer.from('fade0cc0', 'hex')));
    const facts = readBytes(bytes);
    expect([facts.exports.toSorted(), facts.codeSignature?.state]).toEqual([REQUIRED.toSorted(), 'broken']);
  });

  test('is that of the part of a fat file', () => {
    const [x64, arm64] = [buildMacho({ cpu: CPU.x64, signature: 'none' }), buildMacho({ note })];
    const bytes = buildFat([[CPU.x64, x64], [CPU.arm64, arm64]]);
    expect([readBytes(bytes, 'x64').codeSignature?.state, readBytes(bytes, 'arm64').codeSignature?.state]).toEqual(['missing', 'valid']);
  });
});

describe('an export trie', () => {
  const withTrie = (...bytes: number[]): MachoPlan => ({ trie: Buffer.from(bytes) });

  test('that leads back to itself is refused', () => {
    // The root's only child is the root.
    expect(() => read(withTrie(0, 1, 0x61, 0, 0))).toThrow('a loop of nodes');
  });

  test('with two ways to one node is refused: nodes do not overlap', () => {
    const chain = Array.from({ length: 20 }, (_, index) => [0, 2, 0x61, 0, 8 * (index + 1), 0x62, 0, 8 * (index + 1)]).flat();
    expect(() => read(withTrie(...chain, 0, 0))).toThrow('a loop of nodes');
  });

  test('with an endless number is refused', () => {
    expect(() => read(withTrie(...Array.from({ length: 40 }, () => 0x80)))).toThrow('numbers of at most 10 bytes');
  });

  test('that is empty exports nothing', () => {
    expect(read(withTrie()).exports).toEqual([]);
  });
});

describe('a fat file', () => {
  const slices = (wide: boolean): Buffer =>
    buildFat([[CPU.x64, buildMacho({ cpu: CPU.x64, exports: ['_on_x64'] })], [CPU.arm64, buildMacho({ exports: ['_on_arm64'] })]], wide);

  test.each([false, true])('gives the part for the target, and lists them all (64-bit table: %s)', (wide) => {
    expect(readBytes(slices(wide), 'arm64')).toMatchObject({ arch: 'arm64', archs: ['x64', 'arm64'], exports: ['on_arm64'] });
    expect(readBytes(slices(wide), 'x64')).toMatchObject({ arch: 'x64', exports: ['on_x64'] });
    expect(readBytes(slices(wide), 'riscv64')).toMatchObject({ arch: 'x64', archs: ['x64', 'arm64'] });
  });

  test('that is cut off is refused, also where the part for the target is whole', () => {
    const whole = slices(false);
    expect(() => readBytes(whole.subarray(0, -1), 'x64')).toThrow(`expected ${whole.length} bytes, found ${whole.length - 1} bytes (truncated)`);
  });

  test('of something else than libraries is refused', () => {
    expect(() => readBytes(buildFat([[CPU.x64, Buffer.from('!<arch>\nfoo.o')]]))).toThrow('a static archive');
    expect(() => readBytes(new Bytes(false).u32(0xcafebabe, 0).buffer())).toThrow('a fat file without any');
    expect(() => readBytes(new Bytes(false).u32(0xcafebabe, 52).buffer())).toThrow('a Java class');
  });
});
