import { expect, test } from '@jest/globals';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import type { PluginHost } from '../../src/host/plugin-host.js';
import { crashWords, crashedBy } from '../support/crash.js';
import { folderOf, libraryFileName, temporaryFolder } from '../support/fixtures.js';
import { whenQuick } from '../support/host.js';
import { open } from './host.js';
import { isCaughtByLoader } from '../isolation/fault-table.js';
import { canShare } from '../isolation/shared-memory/memory.js';

// good-c and crasher both have a tool named pending, so they never share a host.
const good = [folderOf('good-c')];
const pluginDirs = [folderOf('good-cpp', 'crasher')];

const openIsolated = (options: Partial<PluginHostOptions> = {}): Promise<PluginHost> =>
  open({ pluginDirs, isolation: 'process', ...options });

/** Resolves with the reports of `id` once it stands as wanted; the test's own time limit is the deadline. */
function untilState(host: PluginHost, id: string, wanted: string): Promise<unknown> {
  if (host.explain(id)?.state === wanted) return Promise.resolve();
  return new Promise<void>((resolve) => {
    host.on('state', (report) => {
      if (report.id === id && report.state === wanted) resolve();
    });
  });
}

const crash = (host: PluginHost): Promise<unknown> | undefined =>
  host.find('tool', 'worker')?.call({ fault: 'abort' }).catch((error: unknown) => error);

test('a plugin runs in a child of its own unless the host says otherwise', async () => {
  const isolated = await openIsolated({ pluginDirs: good, processes: { syncTimeoutMs: 1000 } });
  const near = await open({ pluginDirs: good, isolation: ({ id }) => (id === 'good-c' ? 'in-process' : 'process') });
  expect(await isolated.find('tool', 'echo_inline')?.call({ a: 1 })).toEqual({ a: 1 });
  expect(isolated.explain('good-c')?.transport).toBe(canShare ? 'shared memory' : 'socket');
  expect(await whenQuick(() => isolated.find('tool', 'echo_inline')?.sync?.({ a: 1 }))).toEqual(canShare ? { a: 1 } : undefined);
  expect(near.explain('good-c')?.transport).toBeUndefined();
  expect(near.find('tool', 'echo_inline')?.sync?.({ a: 1 })).toEqual({ a: 1 });
});

test('a crash is a typed error, the other plugin goes on, and the state says what becomes of it', async () => {
  const host = await openIsolated({ processes: { restart: { most: 3 } } });
  const restarting = untilState(host, 'crasher', 'restarting');
  expect(await crash(host)).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'crasher', ...crashedBy('SIGABRT') });
  expect(await host.find('tool', 'shout')?.call({ text: 'still here' })).toEqual({ text: 'STILL HERE!' });
  await restarting;
  await untilState(host, 'crasher', 'active');
  expect(await host.find('tool', 'worker')?.call({ fault: 'none' })).toEqual({ survived: true });
});

test('the trace has every step that was taken in the child, as in this process', async () => {
  const folder = folderOf('good-c', 'id-mismatch', 'no-create', 'create-null');
  const stepsOf = async (isolation: 'process' | 'in-process') => {
    const host = await open({ pluginDirs: [folder], isolation });
    const steps = host.report().flatMap(({ id, trace }) => trace.map(({ step, check, decision, expected, found, code, hint }) => ({ id, step, check, decision, expected, found, code, hint })));
    // A sandboxed child has its own folder for private copies.
    return steps.filter(({ check }) => check !== 'starting its process').map((entry) => (entry.check === 'a private copy of the plugin' ? { ...entry, found: path.basename(entry.found ?? '') } : entry));
  };
  expect(await stepsOf('process')).toEqual(await stepsOf('in-process'));
});

test('the trace of one that ends its child says in which step that was', async () => {
  const host = await openIsolated({ processes: { env: { AISOPOD_FIXTURE_FAULT: 'create:segv' } } });
  const taken = host.explain('crasher')?.trace.map(({ step, decision }) => `${step} ${decision}`);
  expect(taken?.slice(-4)).toEqual(['open passed', 'open passed', 'bind passed', 'create refused']);
  expect(host.explain('crasher')?.trace.at(-1)).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', found: expect.stringMatching(crashWords('SIGSEGV')) });
});

test('one that keeps crashing is quarantined, also for the next host, until it is enabled with its quarantine over', async () => {
  const stateDir = path.join(temporaryFolder(), 'state');
  const host = await openIsolated({ stateDir, processes: { restart: { most: 0 } } });
  const quarantined = untilState(host, 'crasher', 'quarantined');
  await crash(host);
  await quarantined;
  expect(await crash(host)).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'quarantined, since it kept crashing' });
  await host.close();
  const next = await openIsolated({ stateDir });
  expect(next.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_QUARANTINED' });
  expect(next.explain('good-cpp')?.state).toBe('active');
  const careless = await openIsolated({ stateDir, quarantine: false });
  expect(careless.explain('crasher')?.state).toBe('active');
});

test('of several in one child the one that each crash was of is quarantined; the others come back with the next host', async () => {
  const stateDir = path.join(temporaryFolder(), 'state');
  const shared = { stateDir, isolation: { process: 'shared' } } as const;
  const host = await openIsolated({ ...shared, processes: { restart: { firstPauseMs: 1, most: 1 } } });
  for (const state of ['restarting', 'quarantined']) {
    // Both: of a crash while the other is still being loaded nobody knows whose it was.
    for (const id of ['crasher', 'good-cpp']) await untilState(host, id, 'active');
    const stands = untilState(host, 'crasher', state);
    await crash(host);
    await stands;
  }
  expect(host.explain('good-cpp')?.state).toBe('quarantined');
  await host.close();
  const next = await openIsolated(shared);
  expect(next.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_QUARANTINED' });
  expect(next.explain('good-cpp')?.state).toBe('active');
});

test.each([
  ['constructor', 'refused'],
  ['register', 'failed'],
  ['init', 'failed'],
] as const)('one that crashes a shared child in its %s costs those before and after it nothing', async (step, state) => {
  const fault = isCaughtByLoader(step, 'segv') ? 'abort' : 'segv';
  const host = await open({
    pluginDirs: ['good-cpp', 'crasher', 'inside-count'].map((id) => folderOf(id)),
    isolation: { process: 'shared' },
    processes: { env: { AISOPOD_FIXTURE_FAULT: `${step}:${fault}` }, restart: { firstPauseMs: 1 } },
  });
  expect(host.report().map(({ id, state: found, code }) => [id, found, code])).toEqual([
    ['good-cpp', 'active', undefined],
    ['crasher', state, 'ERR_LIFECYCLE_CRASHED'],
    ['inside-count', 'active', undefined],
  ]);
  expect(await host.find('tool', 'shout')?.call({ text: 'here' })).toEqual({ text: 'HERE!' });
});

test('bytes that are in quarantine are not let in by a restart either, and the report says why it failed', async () => {
  const stateDir = path.join(temporaryFolder(), 'state');
  const folder = folderOf('crasher');
  const library = path.join(folder, 'crasher', libraryFileName('crasher'));
  const replaceBy = (bytes: Buffer): void => {
    writeFileSync(`${library}.new`, bytes);
    if (process.platform === 'win32') renameSync(library, `${library}.${Date.now()}.old`); // one that is open cannot be replaced
    renameSync(`${library}.new`, library);
  };
  const bad = readFileSync(library);
  const host = await open({ pluginDirs: [folder], isolation: 'process', stateDir, processes: { restart: { most: 0 } } });
  const quarantined = untilState(host, 'crasher', 'quarantined');
  await crash(host);
  await quarantined;
  expect(host.explain('crasher')).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', message: expect.stringMatching(crashWords('SIGABRT')) });
  await host.close();
  replaceBy(Buffer.concat([bad, Buffer.from('another release')]));
  // It runs from its folder: a copy would still have the bytes that were let in.
  const next = await open({ pluginDirs: [folder], isolation: 'process', stateDir, updates: { maxFirstCopyBytes: 0 } });
  expect(next.explain('crasher')?.state).toBe('active');
  replaceBy(bad);
  const failed = untilState(next, 'crasher', 'failed');
  await crash(next);
  await failed;
  expect(next.explain('crasher')).toMatchObject({ state: 'failed', code: 'ERR_QUARANTINED', step: 'trust' });
  expect(await next.close()).toEqual({ ended: ['crasher'], failed: [] });
});

test('probation lets unknown bytes into this process only after a throw-away child survived them', async () => {
  const folders = { isolation: 'in-process', probation: true, stateDir: path.join(temporaryFolder(), 'state') } as const;
  const deadly = await open({ ...folders, pluginDirs, processes: { env: { AISOPOD_FIXTURE_FAULT: 'init:segv' } } });
  expect(deadly.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_LIFECYCLE_CRASHED', step: 'init' });
  expect(deadly.explain('good-cpp')?.state).toBe('active');
  const next = await open({ ...folders, pluginDirs });
  expect(next.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_QUARANTINED' });
});
