/** Options that cannot work are refused when the host is opened; undefined is the default, and Infinity is never. */
import { describe, expect, test } from '@jest/globals';
import { openIn } from '../isolation/homes.js';
import { folderOf } from '../support/fixtures.js';
import { errorOf, timeoutInside, recordOf, until } from '../support/host.js';
import { open, plain } from './host.js';

type Loose = Readonly<Record<string, unknown>>;

/** Options as JavaScript may give them. */
const openLoosely = (options: Loose) => open(options);

describe('is refused, and named', () => {
  const processes = (given: Loose): Loose => ({ processes: given });
  const MS = 'milliseconds, more than 0 (Infinity: never)';
  const PAUSE = 'milliseconds, 0 or more (Infinity: never)';
  const HOMES = "'process', 'in-process' or { process: 'name' }";
  test.each<[string, Loose, string, string]>([
    ['timeouts.create', { timeouts: { create: 0 } }, MS, '0'],
    ['timeouts.register', { timeouts: { register: -1 } }, MS, '-1'],
    ['timeouts.init', { timeouts: { init: NaN } }, MS, 'NaN'],
    ['timeouts.shutdown', { timeouts: { shutdown: '5000' } }, MS, "'5000'"],
    ['timeouts.init', { timeouts: { init: null } }, MS, 'null'],
    ['timeouts', { timeouts: 5000 }, 'an object', '5000'],
    ['timeouts', { timeouts: null }, 'an object', 'null'],
    ['maxPayloadBytes', { maxPayloadBytes: 0 }, 'a whole number, 1 or more', '0'],
    ['processes.graceMs', processes({ graceMs: -1 }), PAUSE, '-1'],
    ['processes.heartbeatMs', processes({ heartbeatMs: 0 }), MS, '0'],
    ['processes.memoryLimitBytes', processes({ memoryLimitBytes: 1.5 }), 'a whole number, 1 or more', '1.5'],
    ['processes.restart', processes({ restart: false }), 'an object', 'false'],
    ['processes.restart.firstPauseMs', processes({ restart: { firstPauseMs: NaN } }), PAUSE, 'NaN'],
    ['processes.restart.longestPauseMs', processes({ restart: { longestPauseMs: 10n } }), PAUSE, '10n'],
    ['processes.restart.most', processes({ restart: { most: 2.5 } }), 'a whole number, 0 or more', '2.5'],
    ['processes.restart.windowMs', processes({ restart: { windowMs: 0 } }), MS, '0'],
    ['quarantine.expiryMs', { quarantine: { expiryMs: 0 } }, MS, '0'],
    ['quarantine', { quarantine: null }, 'an object', 'null'],
    ['probation', { probation: 'yes' }, 'true or false', "'yes'"],
    ['isolation', { isolation: 'bogus' }, HOMES, "'bogus'"],
    ['isolation', { isolation: {} }, HOMES, '{}'],
    ['isolation', { isolation: { process: '' } }, HOMES, "{ process: '' }"],
    ['isolation', { isolation: null }, HOMES, 'null'],
  ])('%s: %j', async (option, options, expected, found) => {
    const error = await errorOf(openLoosely(options));
    expect(error).toMatchObject({ name: 'LoadError', code: 'ERR_OPTIONS', option, expected, found });
    expect(error.message).toBe(`option ${option}: expected ${expected}, found ${found}`);
  });

  test.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'undefined'],
    ['a word that is none', () => 'in-proces', "'in-proces'"],
    ['a promise', () => Promise.reject(new Error('late')), 'a promise'],
    ['an error', () => { throw new Error('oops'); }, 'an error: oops'],
  ])('isolation, in the name of the one plugin that its function answers with %s for', async (_what, answer, found) => {
    const isolation = ({ id }: { readonly id: string }): unknown => (id === 'good-c' ? answer() : 'in-process');
    const host = await openLoosely({ pluginDirs: [folderOf('good-c', 'good-cpp')], isolation });
    expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_OPTIONS' });
    expect(host.explain('good-c')?.message).toContain(`plugin good-c: option isolation: expected 'process', 'in-process' or { process: 'name' }, found ${found}`);
    expect(host.explain('good-cpp')?.state).toBe('active');
  });
});

describe('undefined is the default', () => {
  test('of a deadline', async () => {
    const host = await openLoosely({ pluginDirs: [folderOf('slow-init')], isolation: 'process', timeouts: { create: undefined, init: undefined } });
    expect(host.explain('slow-init')?.state).toBe('active');
  });

  test('of everything about children', async () => {
    const restart = { firstPauseMs: undefined, longestPauseMs: undefined, most: undefined, windowMs: undefined };
    const processes = { restart, graceMs: undefined, heartbeatMs: undefined, memoryLimitBytes: undefined };
    const host = await openLoosely({ pluginDirs: [folderOf('crasher')], isolation: 'process', processes });
    await host.find('tool', 'worker')?.call({ fault: 'abort' }).catch(() => undefined);
    expect(host.explain('crasher')?.events.at(-1)?.message).toMatch(/; it will be restarted in \d+ ms$/);
  });
});

describe('Infinity is never', () => {
  const timeouts = { create: Infinity, register: Infinity, init: Infinity, shutdown: Infinity };
  test.each(['process', 'in-process'] as const)('a deadline of a step: %s', async (isolation) => {
    const host = await open({ pluginDirs: [folderOf('slow-init')], plugins: [plain('own')], isolation, timeouts });
    expect(host.report().map(({ state }) => state)).toEqual(['active', 'active']);
    expect(await host.close()).toEqual({ ended: ['slow-init', 'own'], failed: [] });
  });

  test('so is what no timer can hold', async () => {
    const host = await open({ pluginDirs: [folderOf('slow-init')], plugins: [plain('own')], timeouts: { create: 2 ** 31, init: 2 ** 40 } });
    expect(host.report().map(({ state }) => state)).toEqual(['active', 'active']);
  });

  test('a grace, heartbeats, a limit of memory, a window', async () => {
    const options = { graceMs: Infinity, heartbeatMs: Infinity, memoryLimitBytes: Infinity, maxPayloadBytes: Infinity };
    const host = await openIn('process', ['good-c'], { ...options, restart: { most: Infinity, windowMs: Infinity, longestPauseMs: Infinity } });
    const plugin = host.remote('good-c');
    const { pid } = plugin;
    expect(await timeoutInside(() => host.tool('block').call({ ms: 3000 }, { timeoutMs: 50 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: true });
    expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
    expect([plugin.pid, recordOf(plugin)]).toEqual([pid, '']);
    process.kill(pid ?? 0, 'SIGKILL');
    await until(() => plugin.restarts === 1 && plugin.state === 'active');
  });
});

test('zero is a grace, and a number of restarts and a pause, as good as any', async () => {
  const host = await openIn('process', ['good-c'], { graceMs: 0, restart: { firstPauseMs: 0, longestPauseMs: 0 } });
  expect(await timeoutInside(() => host.tool('block').call({ ms: 60_000 }, { timeoutMs: 50 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  expect(recordOf(host.remote('good-c'))).toContain('it was still in tool block 0 ms after its deadline');
});
