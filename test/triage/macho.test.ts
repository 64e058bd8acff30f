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
