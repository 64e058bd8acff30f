import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MalformedFileError } from '../../src/triage/malformed-file.js';
import { bufferSource } from '../../src/triage/byte-source.js';
import { hostTarget, type Triage, triage } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { REQUIRED } from './bytes.js';
import { compile, findCompiler, PLUGIN_SOURCE } from './compile.js';
import { TARGETS } from './targets.js';
import { tempFolder } from './temp-folder.js';

const temp = tempFolder();
const EXPORTS = [...REQUIRED, 'aisopod_plugin_note'].toSorted();

/** Runs where all the tools are there; its name says which ones it needs. */
const testWith = (tools: Record<string, string | undefined>): typeof test.skip =>
  Object.values(tools).every((found) => found !== undefined) ? test : test.skip;

const cc = findCompiler('cc', 'gcc', 'clang');
const build = (name: string, extra = '', flags: readonly string[] = []): string =>
  compile(cc ?? '', PLUGIN_SOURCE + extra, temp.path(name), flags);
const traitsOf = async (path: string): Promise<Triage['traits']> => (await triage(path)).traits;

describe('a library made by the compiler of this machine', () => {
  testWith({ cc })('fits this process (needs a C compiler)', async () => {
    const result = await triage(build('libplain'));
    expect(result.exports.toSorted()).toEqual(EXPORTS);
    expect(result).toMatchObject({ arch: process.arch, missing: [], note: { abiVersion: 1, pointerSize: 8, callSize: 72 } });
    expect(result.verdict).toEqual({ kind: 'fits', warnings: [] });
  });

  testWith({ cc })('is refused wherever it is cut off (needs a C compiler)', () => {
    // On Windows without the symbols that some compilers append: they are behind all that is mapped.
    const bytes = readFileSync(build('libcut', '', process.platform === 'win32' ? ['-s'] : []));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readLibrary(bufferSource(bytes.subarray(0, length)), process.arch)).toThrow(MalformedFileError);
    }
  });
});

const onLinux = process.platform === 'linux' ? { cc } : { cc: undefined };

describe('a library on Linux', () => {
  testWith(onLinux).each([['sysv'], ['gnu'], ['both']])('with %s hashing, stripped of sections or not, exports the same (needs a C compiler on Linux)', async (style) => {
    const whole = build(`libhash-${style}.so`, 'EXPORT int more(void) { return 1; }', [`-Wl,--hash-style=${style}`]);
    const bytes = readFileSync(whole);
    bytes.fill(0, 40, 48).fill(0, 58, 64); // where the section headers are, and how many
    const stripped = await triage(temp.write(`libbare-${style}.so`, bytes));
    expect(stripped.exports.toSorted()).toEqual([...EXPORTS, 'more'].toSorted());
    expect({ ...stripped, path: whole }).toEqual(await triage(whole));
  });

  testWith(onLinux)('shows its constructors and thread-local variables (needs a C compiler on Linux)', async () => {
    const plain = await traitsOf(build('libquiet.so'));
    const busy = await traitsOf(
      build('libbusy.so', '__thread int here; EXPORT int *get(void) { return &here; }\n__attribute__((constructor)) static void one(void) {}\n__attribute__((constructor)) static void two(void) {}'),
    );
    expect(plain.threadLocals).toBe(false);
    expect(busy).toMatchObject({ threadLocals: true, constructors: plain.constructors + 2 });
  });

  const glibc = hostTarget().libc?.flavour === 'glibc' ? 'glibc' : undefined;
  testWith({ ...onLinux, glibc })('shows an executable stack (needs a C compiler on Linux with glibc: Zig, which builds for musl, makes none)', async () => {
    expect(await traitsOf(build('libstack.so', '', ['-Wl,-z,execstack']))).toMatchObject({ executableStack: true, neverUnloads: false });
  });

  testWith(onLinux)('shows that it stays for ever (needs a C compiler on Linux)', async () => {
    expect(await traitsOf(build('libstay.so', '', ['-Wl,-z,nodelete']))).toMatchObject({ executableStack: false, neverUnloads: true });
    const unique = '__asm__(".data\\n.globl only\\n.type only, @gnu_unique_object\\nonly: .long 1\\n.size only, 4\\n");';
    expect(await traitsOf(build('libunique.so', unique))).toMatchObject({ uniqueSymbols: true });
  });

  testWith(onLinux)('shows the sections that Go leaves (needs a C compiler on Linux)', async () => {
    const mark = '__attribute__((section(".go.buildinfo"), used)) static char info[32] = "build info";';
    expect(await traitsOf(build('libgo.so', mark))).toMatchObject({ goRuntime: true });
    expect(await traitsOf(build('libnogo.so'))).toMatchObject({ goRuntime: false });
  });

  testWith(onLinux)('needs its libraries, found beside it or missing (needs a C compiler on Linux)', async () => {
    const helper = compile(cc ?? '', '__attribute__((visibility("default"))) int helper(void) { return 1; }', temp.path('libhelper.so'), ['-Wl,-soname,libhelper.so']);
    const source = 'int helper(void); EXPORT int use(void) { return helper(); }';
    const user = build('libuser.so', source, [helper, '-Wl,-rpath,$ORIGIN/deps', '-Wl,--enable-new-dtags']);
    const gone = await triage(user);
    expect(gone).toMatchObject({ missing: ['libhelper.so'], searchPaths: ['$ORIGIN/deps'] });
    expect(gone.verdict).toMatchObject({ kind: 'unknown', warnings: [{ topic: 'missing-dependency' }] });

    mkdirSync(temp.path('deps'));
    const beside = temp.write('deps/libhelper.so', 'no library at all');
    expect((await triage(user)).missing).toEqual(['libhelper.so']);
    renameSync(helper, beside);
    expect(await triage(user)).toMatchObject({ missing: [], verdict: { kind: 'fits' } });
  });

  testWith(onLinux)('finds needed libraries through LD_LIBRARY_PATH (needs a C compiler on Linux)', async () => {
    const folder = dirname(temp.path('x'));
    const helper = compile(cc ?? '', '__attribute__((visibility("default"))) int other(void) { return 1; }', temp.path('libother.so'), ['-Wl,-soname,libother.so']);
    const user = build('libuser2.so', 'int other(void); EXPORT int use(void) { return other(); }', [helper]);
    const before = process.env.LD_LIBRARY_PATH;
    expect((await triage(user)).missing).toEqual(['libother.so']);
    process.env.LD_LIBRARY_PATH = `/nowhere:${folder}`;
    try {
      expect((await triage(user)).missing).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.LD_LIBRARY_PATH;
      else process.env.LD_LIBRARY_PATH = before;
    }
  });

  testWith({ ...onLinux, glibc })('that wants a newer glibc is refused (needs a C compiler on Linux with glibc)', async () => {
    const path = build('libc-user.so', '#include <stdlib.h>\nEXPORT void *get(void) { return malloc(1); }');
    const { libc } = await triage(path);
    const old = { ...TARGETS.linux, arch: process.arch, libc: { flavour: 'glibc', version: '2.0' } } as const;
    expect((await triage(path, old)).verdict).toMatchObject({ code: 'ERR_LIBC_TOO_OLD', expected: `glibc ${libc?.version}`, found: 'glibc 2.0' });
  });

  testWith(onLinux)('that is a program is refused as one (needs a C compiler on Linux)', async () => {
    for (const flag of ['-pie', '-no-pie']) {
      const path = temp.path(`program${flag}`);
      execFileSync(cc ?? '', ['-x', 'c', '-', '-fPIE', flag, '-o', path], { input: 'int main(void) { return 0; }' });
      await expect(triage(path)).rejects.toMatchObject({ code: 'ERR_LIBRARY_FORMAT', found: 'an executable (not a shared library)' });
    }
  });
});

describe('a library made for another machine', () => {
  const mingw = findCompiler('x86_64-w64-mingw32-gcc');
  testWith({ mingw })('for Windows (needs x86_64-w64-mingw32-gcc)', async () => {
    const path = compile(mingw ?? '', PLUGIN_SOURCE, temp.path('plugin.dll'));
    const result = await triage(path, TARGETS.windows);
    expect(result.exports.toSorted()).toEqual(EXPORTS);
    expect(result).toMatchObject({ format: 'pe', os: 'win32', arch: 'x64', note: { abiVersion: 1 }, traits: { entryPoint: true }, verdict: { kind: 'fits' } });
    expect((await triage(path, TARGETS.linux)).verdict).toMatchObject({ code: 'ERR_WRONG_PLATFORM' });
  });

  const aarch64 = findCompiler('aarch64-linux-gnu-gcc');
  testWith({ aarch64 })('for arm64 Linux (needs aarch64-linux-gnu-gcc)', async () => {
    const path = compile(aarch64 ?? '', PLUGIN_SOURCE, temp.path('libarm.so'));
    expect((await triage(path, TARGETS.linuxArm)).verdict).toEqual({ kind: 'fits', warnings: [] });
    expect((await triage(path, TARGETS.linux)).verdict).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE', expected: 'x64', found: 'arm64' });
  });

  const musl = findCompiler('musl-gcc');
  testWith({ musl })('for musl (needs musl-gcc)', async () => {
    const path = compile(musl ?? '', `${PLUGIN_SOURCE}\n#include <stdlib.h>\nEXPORT void *get(void) { return malloc(1); }`, temp.path('libmusl.so'));
    const result = await triage(path, { ...TARGETS.linux, arch: process.arch });
    expect(result).toMatchObject({ libc: { flavour: 'musl' }, verdict: { kind: 'unknown' } });
    expect(result.verdict.warnings.map(({ topic }) => topic)).toContain('libc-flavour');
  });

  const clang = findCompiler('clang');
  const lld = findCompiler('ld64.lld', 'ld64.lld-14');
  testWith({ clang, lld })('for macOS (needs clang and ld64.lld)', async () => {
    const [object, path] = [temp.path('mac.o'), temp.path('libmac.dylib')];
    execFileSync(clang ?? '', ['--target=arm64-apple-macos12', '-c', '-x', 'c', '-', '-o', object], { input: PLUGIN_SOURCE });
    const options = ['-arch', 'arm64', '-platform_version', 'macos', '12.0', '12.0', '-undefined', 'dynamic_lookup', '-rpath', '@loader_path'];
    execFileSync(lld ?? '', ['-dylib', ...options, '-o', path, object]);
    const result = await triage(path, TARGETS.mac);
    expect(result.exports.toSorted()).toEqual(EXPORTS);
    expect(result).toMatchObject({ format: 'macho', os: 'darwin', searchPaths: ['@loader_path'], note: { abiVersion: 1 }, verdict: { kind: 'fits' } });
    expect((await triage(path, TARGETS.linux)).verdict).toMatchObject({ code: 'ERR_WRONG_PLATFORM' });
  });
});
