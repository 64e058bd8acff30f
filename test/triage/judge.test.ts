import { describe, expect, test } from '@jest/globals';
import { HEADER_SIZES, HEADER_VERSION } from '../../src/abi/header-sizes.js';
import { LAYOUTS } from '../../src/abi/layouts.js';
import { LoadError } from '../../src/errors/index.js';
import { bufferSource } from '../../src/triage/byte-source.js';
import { type Facts, judge, refusalOf, type Target, type Verdict } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { buildElf, type ElfPlan } from './build-elf.js';
import { buildFat, buildMacho, CPU } from './build-macho.js';
import { buildPe } from './build-pe.js';
import { noteBytes, REQUIRED } from './bytes.js';
import { TARGETS } from './targets.js';

const SYMBOLS = REQUIRED.map((name) => `_${name}`);
const GNU_STACK = [0x6474e551, 6] as const;

const judgeBytes = (bytes: Buffer, target: Target, missing: string[] = []): Verdict => {
  const facts: Facts = readLibrary(bufferSource(bytes), target.arch);
  return judge({ ...facts, missing }, target);
};
const elf = (plan: ElfPlan, target: Target = TARGETS.linux, missing: string[] = []): Verdict =>
  judgeBytes(buildElf({ exports: REQUIRED, note: noteBytes(), segments: [GNU_STACK], ...plan }), target, missing);
const topics = ({ warnings }: Verdict): string[] => warnings.map(({ topic }) => topic);

describe('a library that fits', () => {
  test('on each system, without a warning', () => {
    expect(elf({})).toEqual({ kind: 'fits', warnings: [] });
    expect(judgeBytes(buildMacho({ exports: SYMBOLS, note: noteBytes() }), TARGETS.mac)).toEqual({ kind: 'fits', warnings: [] });
    expect(judgeBytes(buildPe({ exports: REQUIRED, note: noteBytes() }), TARGETS.windows)).toEqual({ kind: 'fits', warnings: [] });
  });

  test('needs a C library that is old enough', () => {
    expect(elf({ versions: { 'libc.so.6': ['GLIBC_2.35'] } }).kind).toBe('fits');
  });

  test('may have its functions in another library', () => {
    const forwards = Object.fromEntries(REQUIRED.map((name) => [name, `IMPL.${name}`]));
    expect(judgeBytes(buildPe({ forwards, note: noteBytes() }), TARGETS.windows).kind).toBe('fits');
  });

  test('without a note, or with a broken one, is left to its function', () => {
    expect(judgeBytes(buildElf({ exports: REQUIRED, segments: [GNU_STACK] }), TARGETS.linux)).toMatchObject({ kind: 'fits', warnings: [{ topic: 'note-missing' }] });
    expect(elf({ note: noteBytes({ 1: 1 }) })).toMatchObject({ kind: 'fits', warnings: [{ topic: 'note-damaged' }] });
  });
});

describe('a library that does not fit is refused with a code of its own', () => {
  test('another system', () => {
    const [windows, mac] = [buildPe({ exports: REQUIRED }), buildMacho({ exports: SYMBOLS })];
    expect(judgeBytes(windows, TARGETS.linux)).toMatchObject({ code: 'ERR_WRONG_PLATFORM', expected: 'linux', found: 'win32 (a PE library)' });
    expect(judgeBytes(mac, TARGETS.windows)).toMatchObject({ code: 'ERR_WRONG_PLATFORM', expected: 'win32', found: 'darwin (a Mach-O library)' });
    expect(elf({}, TARGETS.mac)).toMatchObject({ code: 'ERR_WRONG_PLATFORM', expected: 'darwin', found: 'an ELF library' });
    expect(elf({ osabi: 9 })).toMatchObject({ code: 'ERR_WRONG_PLATFORM', expected: 'linux', found: 'freebsd (an ELF library)' });
    const phone = buildMacho({ exports: SYMBOLS, platform: 2 });
    expect(judgeBytes(phone, TARGETS.mac)).toMatchObject({ code: 'ERR_WRONG_PLATFORM', expected: 'darwin', found: 'ios (a Mach-O library)' });
  });

  test('another processor', () => {
    expect(elf({ machine: 183 })).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE', expected: 'x64', found: 'arm64' });
    const pe = buildPe({ exports: REQUIRED });
    expect(judgeBytes(pe, TARGETS.windows32)).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE', expected: 'ia32', found: 'x64' });
    const fat = buildFat([[CPU.x64, buildMacho({ cpu: CPU.x64 })], [CPU.ia32, buildMacho({ cpu: CPU.x64 })]]);
    expect(judgeBytes(fat, TARGETS.mac)).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE', expected: 'arm64', found: 'x64, ia32' });
  });

  test('another byte order of the same processor', () => {
    const power: Target = { ...TARGETS.linux, arch: 'ppc64' };
    expect(elf({ machine: 21 }, power).kind).toBe('fits');
    expect(elf({ machine: 21, littleEndian: false, note: Buffer.alloc(0) }, power)).toMatchObject({
      code: 'ERR_WRONG_ARCHITECTURE',
      expected: 'ppc64 (LE)',
      found: 'ppc64 (BE)',
    });
  });

  test('for arm64 macOS, without a code signature or with one that does not match', () => {
    const unsigned = buildMacho({ exports: SYMBOLS, note: noteBytes(), signature: 'none' });
    expect(judgeBytes(unsigned, TARGETS.mac)).toMatchObject({ code: 'ERR_CODE_SIGNATURE', found: 'no code signature' });
    const changed = buildMacho({ exports: SYMBOLS, note: noteBytes() });
    changed.writeUInt8(1, 27); // flags that mean nothing
    expect(judgeBytes(changed, TARGETS.mac)).toMatchObject({ code: 'ERR_CODE_SIGNATURE', found: expect.stringContaining('changed after it was signed') as unknown });
    expect(refusalOf({ path: '/p/libp.dylib', verdict: judgeBytes(unsigned, TARGETS.mac) })?.hint).toContain('codesign --force --sign -');
  });

  test('a C library newer than the one here', () => {
    const verdict = elf({ versions: { 'libc.so.6': ['GLIBC_2.9', 'GLIBC_2.36'] } });
    expect(verdict).toMatchObject({ code: 'ERR_LIBC_TOO_OLD', expected: 'glibc 2.36', found: 'glibc 2.35' });
  });

  test('an ABI version of its note that is not spoken', () => {
    for (const version of [0, 2, 99]) {
      expect(elf({ note: noteBytes({ 2: version }) })).toMatchObject({
        code: 'ERR_ABI_MISMATCH',
        expected: 'ABI version 1',
        found: `ABI version ${version}`,
        fields: { expected: { min: 1, max: 1 }, found: version, source: 'note' },
      });
    }
    expect(elf({ note: noteBytes({ 2: 2 }) }, { ...TARGETS.linux, abi: { min: 1, max: 2 } }).kind).toBe('fits');
  });

  test('a required function that is not exported', () => {
    for (const symbol of REQUIRED) {
      const others = REQUIRED.filter((name) => name !== symbol);
      expect(elf({ exports: others })).toMatchObject({ code: 'ERR_MISSING_SYMBOL', fields: { symbol } });
    }
  });

  test('the reason that explains the others comes first', () => {
    expect(judgeBytes(buildPe({ machine: 0xaa64 }), TARGETS.linux)).toMatchObject({ code: 'ERR_WRONG_PLATFORM' });
    expect(elf({ machine: 183, exports: [] })).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE' });
    expect(elf({ note: noteBytes({ 2: 9 }), exports: [] })).toMatchObject({ code: 'ERR_ABI_MISMATCH' });
  });
});

test('for x64 macOS a code signature is not needed; a broken one is a warning', () => {
  const target: Target = { ...TARGETS.mac, arch: 'x64' };
  const plan = { cpu: CPU.x64, exports: SYMBOLS, note: noteBytes() };
  expect(judgeBytes(buildMacho({ ...plan, signature: 'none' }), target)).toEqual({ kind: 'fits', warnings: [] });
  const changed = buildMacho(plan);
  changed.writeUInt8(1, 27);
  expect(judgeBytes(changed, target)).toMatchObject({ kind: 'fits', warnings: [{ topic: 'code-signature', hint: expect.stringContaining('codesign') as unknown }] });
});

describe('what only opening can tell is unknown, never refused', () => {
  test('a needed library that was not found', () => {
    const verdict = elf({ needed: ['libgone.so.1'] }, TARGETS.linux, ['libgone.so.1']);
    expect(verdict.kind).toBe('unknown');
    expect(verdict.warnings).toEqual([
      { topic: 'missing-dependency', message: 'Missing dependencies: libgone.so.1.', hint: 'Install libgone.so.1.' },
    ]);
  });

  test('the other C library, in both directions', () => {
    expect(elf({ needed: ['libc.musl-x86_64.so.1'] })).toMatchObject({ kind: 'unknown', warnings: [{ topic: 'libc-flavour' }] });
    const versions = { 'libc.so.6': ['GLIBC_2.99'] };
    expect(elf({ versions }, TARGETS.alpine)).toMatchObject({ kind: 'unknown', warnings: [{ topic: 'libc-flavour' }] });
  });

  test('a version of glibc where the one here is not known', () => {
    const target: Target = { ...TARGETS.linux, libc: undefined };
    expect(elf({ versions: { 'libc.so.6': ['GLIBC_2.99'] } }, target)).toMatchObject({ kind: 'unknown', warnings: [{ topic: 'libc-version' }] });
  });

  test('a function among more exports than were read', () => {
    const facts = readLibrary(bufferSource(buildElf({ segments: [GNU_STACK], note: noteBytes() })), 'x64');
    expect(judge({ ...facts, exportsTruncated: true, missing: [] }, TARGETS.linux)).toMatchObject({
      kind: 'unknown',
      warnings: [{ topic: 'exports-truncated' }],
    });
  });
});

describe('struct sizes are those of the header version that the note names', () => {
  test('a struct of another size is refused, by its name', () => {
    expect(elf({ note: noteBytes({ 5: 72 }) })).toMatchObject({
      kind: 'unfit',
      code: 'ERR_STRUCT_SIZE',
      fields: { member: 'aisopod_plugin', expected: '64 bytes (header version 1)', found: '72 bytes' },
    });
    expect(elf({ note: noteBytes({ 15: 64 }) })).toMatchObject({ code: 'ERR_STRUCT_SIZE', fields: { member: 'aisopod_call' } });
  });

  test('larger ones are fine from a newer header, smaller ones never', () => {
    expect(elf({ note: noteBytes({ 3: HEADER_VERSION + 1, 5: 72, 8: 88 }) })).toMatchObject({ kind: 'fits' });
    expect(elf({ note: noteBytes({ 3: HEADER_VERSION + 1, 5: 56, 8: 88 }) })).toMatchObject({ code: 'ERR_STRUCT_SIZE', found: '56 bytes' });
  });

  test('a request has a context since header version 2; a plugin of an older one fits with its own size', () => {
    expect(elf({ note: noteBytes({ 3: 1, 8: 72 }) }).kind).toBe('fits');
    expect(elf({ note: noteBytes({ 3: 2, 8: 88 }) }).kind).toBe('fits');
    for (const [version, size] of [[1, 88], [2, 72]] as const) {
      expect(elf({ note: noteBytes({ 3: version, 8: size }) })).toMatchObject({ code: 'ERR_STRUCT_SIZE', fields: { member: 'aisopod_request', found: `${size} bytes` } });
    }
  });

  test('header version 0 does not exist', () => {
    expect(elf({ note: noteBytes({ 3: 0 }) })).toMatchObject({ code: 'ERR_STRUCT_SIZE', fields: { member: 'header_version', found: '0' } });
  });

  test('the newest entry of the table is what the C compiler makes of the header', () => {
    const sizes = HEADER_SIZES.get(HEADER_VERSION);
    const structs = ['plugin', 'host', 'capability', 'request', 'reply', 'meta', 'init', 'log', 'chunk', 'completion', 'call'] as const;
    expect(sizes).toEqual(Object.fromEntries(structs.map((name) => [`${name}Size`, LAYOUTS[`aisopod_${name}`].size])));
  });
});

describe('warnings', () => {
  test('each say what to do', () => {
    const { warnings } = judgeBytes(buildElf({ exports: REQUIRED }), TARGETS.linux);
    expect(topics({ kind: 'fits', warnings })).toContain('note-missing');
    for (const { hint } of warnings) expect(hint).toMatch(/^[A-Z].*\.$/);
  });

  test('say what a host should know of a library that it can load', () => {
    const dynamic = [[30, 0x10], [0x6ffffffb, 0x8]] as const;
    const verdict = elf({ exports: [...REQUIRED, '_cgo_topofstack'], segments: [[0x6474e551, 7]], dynamic });
    expect(verdict.kind).toBe('fits');
    expect(topics(verdict)).toEqual(['executable-stack', 'static-thread-locals', 'go-runtime', 'never-unloads']);
  });

  test('come with a refusal too', () => {
    expect(topics(elf({ machine: 183, segments: [[0x6474e551, 7]] }))).toEqual(['executable-stack']);
  });
});

describe('the error of a verdict', () => {
  const path = '/plugins/weather/libweather.so';

  test('is a LoadError of the step triage, with plugin, path and fields', () => {
    const error = refusalOf({ path, verdict: elf({ machine: 183 }) }, { pluginId: 'weather' });
    expect(error).toBeInstanceOf(LoadError);
    expect(error).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE', step: 'triage', pluginId: 'weather', path, expected: 'x64', found: 'arm64' });
  });

  test('has the fields of its code', () => {
    const abi = refusalOf({ path, verdict: elf({ note: noteBytes({ 2: 7 }) }) });
    expect(abi).toMatchObject({ code: 'ERR_ABI_MISMATCH', step: 'triage', expected: { min: 1, max: 1 }, found: 7, source: 'note' });
    expect(refusalOf({ path, verdict: elf({ exports: [] }) })).toMatchObject({ code: 'ERR_MISSING_SYMBOL', step: 'triage', symbol: REQUIRED[0] });
  });

  test('is none where the library is not unfit', () => {
    expect(refusalOf({ path, verdict: elf({}) })).toBeUndefined();
    expect(refusalOf({ path, verdict: elf({}, TARGETS.linux, ['libgone.so']) })).toBeUndefined();
  });

  test('survives the way of a verdict through JSON', () => {
    const verdict = JSON.parse(JSON.stringify(elf({ machine: 183 }))) as Verdict;
    expect(verdict).toEqual(elf({ machine: 183 }));
    expect(refusalOf({ path, verdict })?.code).toBe('ERR_WRONG_ARCHITECTURE');
  });
});
