/** What one plugin does to the process that it shares with others. */
import { beforeAll, describe, expect } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ProcessLoader } from '../../src/isolation/proxy/process-loader.js';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { THREADS } from '../../src/native/runners/thread-pool.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { beside, compileBundled, compilePlugin } from '../support/compile-plugin.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { candidateOf, errorOf, loaderOf } from '../support/host.js';
import { loadIn, openIn } from './homes.js';

const pluginDir = temporaryFolder();
const onLinux = process.platform === 'linux';
const onLinuxX64 = onLinux && process.arch === 'x64';
const linuxTest = testWhere(onLinux, 'the loader of Linux is meant');
const isMusl = mappedLibc()?.flavour === 'musl';
const x64Test = testWhere(onLinuxX64, 'MXCSR of x64');
const ECHO = 'static int32_t answer(void *d, const aisopod_request *q, aisopod_reply *r) { (void)d; (void)q; return aisopod_reply_json(r, "1"); }';
const DEP = 'int dep_value(void); static int32_t answer(void *d, const aisopod_request *q, aisopod_reply *r) { char t[9]; (void)d; (void)q; snprintf(t, 9, "%d", dep_value()); return aisopod_reply_json(r, t); }';
/** Small results become 0; small operands count as 0. */
const SMALL_NUMBERS_OFF = { 'flush-to-zero': '0x8000', 'denormals-are-zero': '0x40' };
/** Answers whether numbers are rounded to nearest, and small ones count. */
const COMPUTES = `static int32_t answer(void *d, const aisopod_request *q, aisopod_reply *r) {
  volatile double one = 1, little = 0x1p-54, normal = 0x1p-1022, half = 0.5, tiny = 0x1p-1074;
  (void)d; (void)q;
  return aisopod_reply_json(r, one + little == 1 && normal * half != 0 && tiny * 2 != 0 ? "true" : "false");
}`;
const setsControl = (bit: string): string => `#include <xmmintrin.h>\nstatic int32_t answer(void *d, const aisopod_request *q, aisopod_reply *r) { (void)d; (void)q; _mm_setcsr(_mm_getcsr() | ${bit}); return aisopod_reply_json(r, "1"); }`;
const GO = '__attribute__((section(".go.buildinfo"), used, retain)) static char info[32] = "build info";';

function withDep(id: string, value: number): void {
  const folder = path.join(pluginDir, id);
  compileBundled(folder, 'libdep.so', `int dep_value(void) { return ${value}; }`);
  compilePlugin(pluginDir, id, { source: DEP, flags: beside(folder, 'dep') });
}

beforeAll(() => {
  if (!onLinux) return;
  withDep('dep-one', 1);
  withDep('dep-two', 2);
  // A copy: a compiler may put the name of the source into the library.
  mkdirSync(path.join(pluginDir, 'dep-one-too'));
  copyFileSync(path.join(pluginDir, 'dep-one', 'libdep.so'), path.join(pluginDir, 'dep-one-too', 'libdep.so'));
  compilePlugin(pluginDir, 'dep-one-too', { source: DEP, flags: beside(path.join(pluginDir, 'dep-one-too'), 'dep') });
  compilePlugin(pluginDir, 'go-one', { source: GO + ECHO });
  compilePlugin(pluginDir, 'go-two', { source: GO + ECHO });
  if (!isMusl) compilePlugin(pluginDir, 'asan', { source: ECHO, flags: ['-fsanitize=address'] });
  const roundsUp = '#include <fenv.h>\nstatic int32_t answer(void *d, const aisopod_request *q, aisopod_reply *r) { (void)d; (void)q; fesetround(FE_UPWARD); return aisopod_reply_json(r, "1"); }';
  compilePlugin(pluginDir, 'rounds-up', { source: roundsUp, flags: ['-lm'], capabilityFlags: 'AISOPOD_CAPABILITY_INLINE' });
  compilePlugin(pluginDir, 'rounds-up-beside', { source: roundsUp, flags: ['-lm'] });
  compilePlugin(pluginDir, 'computes', { source: COMPUTES });
  for (const [id, bit] of Object.entries(onLinuxX64 ? SMALL_NUMBERS_OFF : {})) {
    compilePlugin(pluginDir, id, { source: setsControl(bit), capabilityFlags: 'AISOPOD_CAPABILITY_INLINE' });
    compilePlugin(pluginDir, `${id}-beside`, { source: setsControl(bit) });
  }
  compilePlugin(pluginDir, 'fast-math', { source: ECHO, flags: ['-ffast-math'] });
});

/** Loads both into one shared child, or into this process; the second one may be refused. */
async function loadBoth(home: 'in-process' | 'shared', first: string, second: string) {
  const finder = loaderOf({ pluginDirs: [pluginDir] });
  const processes = new ProcessLoader({ hostVersion: '1.0.0' });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data') });
  const load = async (id: string): Promise<void> => {
    const candidate = await candidateOf(finder, id);
    await registry.register(await (home === 'shared' ? processes.loadPlugin(candidate, undefined, 'shared') : finder.loadPlugin(candidate)));
  };
  await load(first);
  const error = await load(second).then(() => undefined, (thrown: unknown) => thrown as Error & { hint: string });
  await registry.initAll();
  const answer = async (id: string): Promise<unknown> => registry.tool(id)?.call({});
  return { error, answers: [await answer(first), await answer(second)], end: () => registry.shutdownAll() };
}

describe.each(['in-process', 'shared'] as const)('two plugins %s', (home) => {
  linuxTest('with different libraries of one SONAME: the second is refused, and told to be isolated', async () => {
    const { error, answers, end } = await loadBoth(home, 'dep-one', 'dep-two');
    expect(error).toMatchObject({ code: 'ERR_LIBRARY_CONFLICT', library: 'libdep.so', pluginId: 'dep-two', expected: path.join(pluginDir, 'dep-two', 'libdep.so') });
    expect(error?.hint).toContain('isolation');
    expect(answers).toEqual([1, undefined]);
    await end();
  });

  linuxTest('with the same bytes under one SONAME share them', async () => {
    const { error, answers, end } = await loadBoth(home, 'dep-one', 'dep-one-too');
    expect(error).toBeUndefined();
    expect(answers).toEqual([1, 1]);
    await end();
  });

  linuxTest('with a Go runtime each: the second is refused', async () => {
    const { error, answers, end } = await loadBoth(home, 'go-one', 'go-two');
    expect(error).toMatchObject({ code: 'ERR_RUNTIME_CONFLICT', what: 'a Go runtime', reason: expect.stringContaining('go-one') });
    expect(answers).toEqual([1, undefined]);
    await end();
  });

  for (const [change, makeTest] of [['rounds-up', linuxTest], ['flush-to-zero', x64Test], ['denormals-are-zero', x64Test]] as const) {
    makeTest(`the second computes as ever on a thread that the first has changed: ${change}`, async () => {
      await THREADS.warm(); // until then in-process calls go to threads of libuv
      const { answers, end } = await loadBoth(home, `${change}-beside`, 'computes');
      expect(answers).toEqual([1, true]);
      await end();
    });
  }
});

linuxTest('with a child of its own each plugin runs its own library', async () => {
  const host = await openIn('process', ['dep-one', 'dep-two'], { pluginDirs: [pluginDir] });
  expect([await host.tool('dep-one').call({}), await host.tool('dep-two').call({})]).toEqual([1, 2]);
});

describe.each(['in-process', 'process'] as const)('a plugin %s', (home) => {
  testWhere(onLinux && !isMusl, 'systems with musl have no libasan')('that needs the runtime of a sanitizer is refused before it is opened: the runtime would end the process', async () => {
    const error = await errorOf(loadIn(home, 'asan', { pluginDirs: [pluginDir] }));
    expect(error).toMatchObject({ code: 'ERR_RUNTIME_CONFLICT', what: expect.stringContaining('libasan') });
    expect(error.hint).toContain('-fsanitize');
  });

  linuxTest('that was linked with -ffast-math leaves the host its small numbers', async () => {
    const host = await openIn(home, ['fast-math'], { pluginDirs: [pluginDir] });
    expect(await host.tool('fast-math').call({})).toBe(1);
    const operands = new Float64Array([Number.MIN_VALUE, 1]);
    expect((operands[0] ?? 0) * (operands[1] ?? 0)).toBe(5e-324);
  });
});

linuxTest('an INLINE call that changes the rounding mode does not change how the host rounds', async () => {
  const host = await openIn('in-process', ['rounds-up'], { pluginDirs: [pluginDir] });
  expect(await host.tool('rounds-up').call({})).toBe(1);
  const operands = new Float64Array([1, 2 ** -54]);
  expect((operands[0] ?? 0) + (operands[1] ?? 0)).toBe(1);
});

x64Test('an INLINE call that switches small numbers off does not do so for the host', async () => {
  for (const id of Object.keys(SMALL_NUMBERS_OFF)) {
    const host = await openIn('in-process', [id], { pluginDirs: [pluginDir] });
    expect(await host.tool(id).call({})).toBe(1);
    const operands = new Float64Array([Number.MIN_VALUE, 2 ** -1022, 0.5]);
    expect((operands[1] ?? 0) * (operands[2] ?? 0)).toBe(2 ** -1023);
    expect(String((operands[0] ?? 0) * 3)).toBe('1.5e-323');
  }
});

testWhere(onLinuxX64 && !isMusl, 'objdump of x64, and a compiler that adds it')('and does have the constructor that switches them off', () => {
  const code = execFileSync('objdump', ['-d', path.join(pluginDir, 'fast-math', 'libfast-math.so')], { encoding: 'utf8' });
  expect(code).toMatch(/set_fast_math|ldmxcsr/);
});
