import { describe, expect, test } from '@jest/globals';
import { bufferSource } from '../../src/triage/byte-source.js';
import type { Facts } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { buildPe, type PePlan } from './build-pe.js';
import { noteBytes, REQUIRED } from './bytes.js';

const read = (plan: PePlan): Facts => readLibrary(bufferSource(buildPe(plan)), 'x64');

describe('a PE library', () => {
  test.each([
    { bits: 64, machine: 0x8664, arch: 'x64' },
    { bits: 64, machine: 0xaa64, arch: 'arm64' },
    { bits: 32, machine: 0x14c, arch: 'ia32' },
    { bits: 32, machine: 0x1c4, arch: 'arm' },
    { bits: 64, machine: 0x1234, arch: 'machine 4660' },
  ] as const)('$arch: exports, imports and delay imports', ({ arch, ...plan }) => {
    const facts = read({ ...plan, exports: REQUIRED, imports: ['KERNEL32.dll', 'msvcrt.dll'], delayImports: ['USER32.dll', 'old.dll'] });
    expect(facts).toMatchObject({
      format: 'pe',
      bits: plan.bits,
      arch,
      os: 'win32',
      libc: undefined,
      exports: REQUIRED,
      forwards: [],
      needed: ['KERNEL32.dll', 'msvcrt.dll'],
      neededOptionally: ['USER32.dll', 'old.dll'],
    });
  });

  test('an export may be forwarded to another library', () => {
    const facts = read({ exports: ['own'], forwards: { sleep: 'KERNEL32.Sleep' } });
    expect(facts.exports).toEqual(['own', 'sleep']);
    expect(facts.forwards).toEqual([{ name: 'sleep', to: 'KERNEL32.Sleep' }]);
  });

  test('a library without exports and imports has none', () => {
    expect(read({})).toMatchObject({ exports: [], needed: [], neededOptionally: [], note: undefined, noteProblem: undefined });
  });

  test('the note is found by its address, in both widths', () => {
    expect(read({ note: noteBytes(), exports: REQUIRED }).note).toMatchObject({ abiVersion: 1, pointerSize: 8 });
    expect(read({ bits: 32, machine: 0x14c, note: noteBytes({}, 4) }).note).toMatchObject({ abiVersion: 1, pointerSize: 4 });
  });

  test('thread-local callbacks run before the entry point, and are counted apart from it', () => {
    expect(read({}).traits).toMatchObject({ constructors: 0, threadLocals: false, entryPoint: false });
    expect(read({ callbacks: 0 }).traits).toMatchObject({ constructors: 0, threadLocals: true });
    expect(read({ callbacks: 3, entryPoint: 0x2000 }).traits).toMatchObject({ constructors: 3, threadLocals: true, entryPoint: true });
    expect(read({ bits: 32, callbacks: 2 }).traits.constructors).toBe(2);
  });

  test('a Go runtime shows in the writable data', () => {
    expect(read({ data: Buffer.from('some data') }).traits.goRuntime).toBe(false);
    expect(read({ data: Buffer.from('some data\xff Go buildinf:', 'latin1') }).traits.goRuntime).toBe(true);
  });

  test('a signature behind the sections belongs to the file', () => {
    const signed = buildPe({ signature: 100 });
    expect(() => readLibrary(bufferSource(signed), 'x64')).not.toThrow();
    expect(() => readLibrary(bufferSource(signed.subarray(0, -1)), 'x64')).toThrow(`expected ${signed.length} bytes, found ${signed.length - 1} bytes (truncated)`);
  });

  test('a program is no library', () => {
    expect(() => read({ characteristics: 0x22 })).toThrow('an executable (not a shared library)');
  });
});
