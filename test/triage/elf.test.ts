import { describe, expect, test } from '@jest/globals';
import { bufferSource } from '../../src/triage/byte-source.js';
import { readLibrary } from '../../src/triage/read-library.js';
import type { Facts } from '../../src/triage/index.js';
import { buildElf, elfNote, type ElfPlan } from './build-elf.js';
import { noteBytes, REQUIRED } from './bytes.js';

const read = (plan: ElfPlan): Facts => readLibrary(bufferSource(buildElf(plan)), 'x64');

describe('an ELF library, read without section headers', () => {
  test.each([
    { bits: 64, littleEndian: true, machine: 62, arch: 'x64' },
    { bits: 64, littleEndian: true, machine: 183, arch: 'arm64' },
    { bits: 64, littleEndian: true, machine: 243, arch: 'riscv64' },
    { bits: 64, littleEndian: true, machine: 258, arch: 'loong64' },
    { bits: 64, littleEndian: true, machine: 21, arch: 'ppc64' },
    { bits: 64, littleEndian: false, machine: 22, arch: 's390x' },
    { bits: 32, littleEndian: true, machine: 3, arch: 'ia32' },
    { bits: 32, littleEndian: true, machine: 40, arch: 'arm' },
    { bits: 32, littleEndian: true, machine: 62, arch: 'x32' },
    { bits: 32, littleEndian: false, machine: 8, arch: 'mips' },
    { bits: 32, littleEndian: true, machine: 8, arch: 'mipsel' },
    { bits: 64, littleEndian: true, machine: 999, arch: 'machine 999' },
  ] as const)('$arch: exports, needed libraries and search paths', ({ arch, ...plan }) => {
    const facts = read({ ...plan, exports: ['one', 'two'], needed: ['libm.so.6', 'libc.so.6'], runpath: '$ORIGIN:/opt/lib' });
    expect(facts).toMatchObject({
      format: 'elf',
      bits: plan.bits,
      endianness: plan.littleEndian ? 'LE' : 'BE',
      arch,
      archs: [arch],
      exports: ['one', 'two'],
      exportsTruncated: false,
      needed: ['libm.so.6', 'libc.so.6'],
      searchPaths: ['$ORIGIN', '/opt/lib'],
    });
  });

  test('both kinds of hash table say how many symbols there are', () => {
    for (const hash of ['sysv', 'gnu'] as const) {
      expect(read({ hash, exports: REQUIRED }).exports).toEqual(REQUIRED);
      expect(read({ hash, exports: [] }).exports).toEqual([]);
    }
  });

  test('the note is found by its address, not by its place', () => {
    expect(read({ note: noteBytes(), exports: REQUIRED }).note).toMatchObject({ size: 64, abiVersion: 1, pointerSize: 8, callSize: 72 });
  });

  test('system and C library come from the marks in the file', () => {
    const places: [ElfPlan, { os: string | undefined; libc: unknown }][] = [
      [{}, { os: undefined, libc: undefined }],
      [{ osabi: 9 }, { os: 'freebsd', libc: undefined }],
      [{ osabi: 3 }, { os: 'linux', libc: undefined }],
      [{ systemNotes: elfNote('GNU', 1, 0) }, { os: 'linux', libc: undefined }],
      [{ systemNotes: Buffer.concat([elfNote('Other', 7, 1), elfNote('Android', 1, 21)]) }, { os: 'android', libc: undefined }],
      [{ systemNotes: elfNote('OpenBSD', 1, 0) }, { os: 'openbsd', libc: undefined }],
      [{ needed: ['libc.so.7'], versions: { 'libc.so.7': ['FBSD_1.0'] } }, { os: 'freebsd', libc: undefined }],
      [{ needed: ['libc.so'], versions: { 'libc.so': ['LIBC'] } }, { os: undefined, libc: undefined }],
      [{ needed: ['libc.musl-x86_64.so.1'] }, { os: 'linux', libc: { flavour: 'musl' } }],
      [{ needed: ['libc.so'] }, { os: 'linux', libc: { flavour: 'musl' } }],
      [{ needed: ['libc.so.6'] }, { os: 'linux', libc: { flavour: 'glibc' } }],
    ];
    for (const [plan, expected] of places) expect(read(plan)).toMatchObject(expected);
  });

  test('the newest glibc version needed counts by its numbers, over all libraries', () => {
    const versions = { 'libm.so.6': ['GLIBC_2.29'], 'libc.so.6': ['GLIBC_2.4', 'GLIBC_2.34', 'GLIBC_2.9', 'GLIBC_PRIVATE'] };
    expect(read({ versions }).libc).toEqual({ flavour: 'glibc', version: '2.34' });
    expect(read({ versions: { 'libc.so.6': ['GLIBC_2.4', 'GLIBC_ABI_DT_RELR'] } }).libc).toEqual({ flavour: 'glibc', version: '2.36' });
  });

  test('constructors, thread-local storage and the flags of the dynamic segment are traits', () => {
    const quiet = { constructors: 0, threadLocals: false, staticThreadLocals: false, neverUnloads: false, executableStack: false };
    const [GNU_STACK, TLS] = [0x6474e551, 7];
    expect(read({ segments: [[GNU_STACK, 6]] }).traits).toMatchObject(quiet);
    expect(
      read({ segments: [[GNU_STACK, 7], [TLS, 4]], dynamic: [[12, 0x10100], [27, 24], [30, 0x10], [0x6ffffffb, 0x8]] }).traits,
    ).toMatchObject({ constructors: 4, threadLocals: true, staticThreadLocals: true, neverUnloads: true, executableStack: true });
  });

  test('a library that says nothing of its stack makes it executable where glibc takes it so', () => {
    expect(read({ machine: 62 }).traits.executableStack).toBe(true);
    expect(read({ machine: 183 }).traits.executableStack).toBe(false);
  });

  test('a Go runtime shows in its note and in its symbols', () => {
    expect(read({}).traits.goRuntime).toBe(false);
    expect(read({ systemNotes: elfNote('Go', 4, 0) }).traits.goRuntime).toBe(true);
    expect(read({ exports: ['_cgo_topofstack'] }).traits.goRuntime).toBe(true);
  });

  test('what is ELF but no library is called by its name', () => {
    expect(() => read({ type: 1 })).toThrow('an object file (not linked)');
    expect(() => read({ type: 2 })).toThrow('an executable (not a shared library)');
    expect(() => read({ type: 4 })).toThrow('a core dump');
    expect(() => read({ dynamic: [[0x6ffffffb, 0x08000000]] })).toThrow('an executable (not a shared library)');
    expect(() => read({ segments: [[3, 4]], dynamic: [[21, 0]] })).toThrow('an executable (not a shared library)');
  });
});
