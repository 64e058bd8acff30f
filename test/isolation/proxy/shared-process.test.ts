import { expect, test } from '@jest/globals';
import path from 'node:path';
import { ProcessLoader, type ProcessLoaderOptions } from '../../../src/isolation/proxy/process-loader.js';
import type { CrashInfo } from '../../../src/isolation/supervisor/process-options.js';
import type { IsolatedPlugin } from '../../../src/isolation/proxy/isolated-plugin.js';
import { PluginRegistry } from '../../../src/registry/plugin-registry.js';
import { crash, crashedBy } from '../../support/crash.js';
import { temporaryFolder } from '../../support/fixtures.js';
import { candidateOf, errorOf, loaderOf, until } from '../../support/host.js';
import { isAlive } from '../alive.js';

async function openShared(ids: readonly string[], options: Partial<ProcessLoaderOptions> = {}) {
  const finder = loaderOf();
  const loader = new ProcessLoader({ hostVersion: '1.0.0', restart: { firstPauseMs: 20 }, ...options });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data') });
  const plugins: IsolatedPlugin[] = [];
  for (const id of ids) {
    const plugin = await loader.loadPlugin(await candidateOf(finder, id), undefined, 'shared');
    await registry.register(plugin);
    plugins.push(plugin);
  }
  await registry.initAll();
  return { loader, registry, plugins, finder };
}

test('plugins of one name live in one process, and call each other', async () => {
  const { registry, plugins } = await openShared(['good-c', 'inside-count']);
  expect(new Set(plugins.map(({ pid }) => pid)).size).toBe(1);
  expect(await registry.tool('host_call')?.call({ name: 'most_inside', input: {} })).toEqual({ most: 0 });
  expect(await registry.tool('echo')?.call({ a: 1 })).toEqual({ a: 1 });
  await registry.shutdownAll();
});

test('one that is shut down leaves the process to the other; the last one ends it', async () => {
  const { registry, plugins } = await openShared(['good-c', 'inside-count']);
  const pid = plugins[0]?.pid ?? 0;
  await registry.shutdown('good-c');
  expect(isAlive(pid)).toBe(true);
  expect(plugins[1]?.pid).toBe(pid);
  await registry.shutdown('inside-count');
  expect(isAlive(pid)).toBe(false);
});

test('when it crashes, all come back', async () => {
  const { registry, plugins } = await openShared(['good-c', 'inside-count']);
  process.kill(plugins[0]?.pid ?? 0, 'SIGKILL');
  await until(() => plugins.every(({ state, restarts }) => state === 'active' && restarts === 1));
  expect(new Set(plugins.map(({ pid }) => pid)).size).toBe(1);
  expect(await registry.tool('echo')?.call({ a: 1 })).toEqual({ a: 1 });
  await registry.shutdownAll();
});

test('one that crashes it while it is loaded is refused, and the others come back', async () => {
  const { loader, registry, plugins, finder } = await openShared(['good-c'], { env: { AISOPOD_FIXTURE_FAULT: 'constructor:abort' } });
  const error = await errorOf(loader.loadPlugin(await candidateOf(finder, 'crasher'), undefined, 'shared'));
  expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', pluginId: 'crasher', operation: 'load', ...crashedBy('SIGABRT') });
  expect(await registry.tool('echo')?.call({ a: 1 })).toEqual({ a: 1 });
  expect(plugins[0]).toMatchObject({ state: 'active', restarts: 1 });
  await registry.shutdownAll();
});

test('one that is shut down while it is brought back is ended in the child, too: the other one goes on', async () => {
  const { registry, plugins } = await openShared(['slow-init', 'good-c']);
  const [slow, other] = plugins;
  const { pid } = slow ?? {};
  process.kill(pid ?? 0, 'SIGKILL');
  await until(() => slow?.state === 'restarting' && slow.pid !== undefined && slow.pid !== pid);
  await registry.shutdown('slow-init');
  expect(slow?.state).toBe('retired');
  expect(await registry.tool('echo')?.call({ a: 1 })).toEqual({ a: 1 });
  expect(other).toMatchObject({ state: 'active', restarts: 1 });
  await registry.shutdownAll();
});

test('who crashed it is said where that is known, and nobody is blamed where it is not', async () => {
  const crashes: CrashInfo[] = [];
  const given: CrashInfo[] = [];
  const { registry, plugins } = await openShared(['good-cpp', 'crasher'], {
    restart: { firstPauseMs: 1, most: 1 },
    onCrash: (info) => void crashes.push(info),
    onGiveUp: (info) => void given.push(info),
  });
  await errorOf(registry.tool('worker')?.call({ fault: 'abort' }));
  await until(() => plugins.every(({ state }) => state === 'active'));
  crash(plugins[0]?.pid ?? 0, 'SIGSEGV');
  await until(() => given.length === 1);
  expect(crashes).toMatchObject([{ suspect: 'crasher', during: 'tool worker', plugins: ['good-cpp', 'crasher'] }, { during: 'idle' }]);
  expect(crashes[1]).not.toHaveProperty('suspect');
  expect(given[0]).not.toHaveProperty('suspect');
  await registry.shutdownAll();
});

test('one that wants a thread for ever shares the process, and has a thread of its own there', async () => {
  const { registry, plugins } = await openShared(['good-c', 'one-thread']);
  expect(plugins[0]?.pid).toBe(plugins[1]?.pid);
  await Promise.all(Array.from({ length: 20 }, () => registry.tool('echo')?.call({}) ?? Promise.resolve()));
  expect(await registry.tool('threads')?.call({})).toEqual({ others: 0 });
  await registry.shutdownAll();
});

test('two hosts have a shared child each, though its name and plugins are the same', async () => {
  const [one, two] = [await openShared(['good-c', 'inside-count']), await openShared(['good-c', 'inside-count'])];
  const pidsOf = ({ plugins }: typeof one): (number | undefined)[] => [...new Set(plugins.map(({ pid }) => pid))];
  const [[first, ...more], second] = [pidsOf(one), pidsOf(two)];
  expect([more, second.length]).toEqual([[], 1]);
  expect(second).not.toContain(first);
  process.kill(first ?? 0, 'SIGKILL');
  await until(() => one.plugins.every(({ state, restarts }) => state === 'active' && restarts === 1));
  expect(two.plugins.map(({ restarts }) => restarts)).toEqual([0, 0]);
  for (const { registry } of [one, two]) expect(await registry.tool('echo')?.call({ a: 1 })).toEqual({ a: 1 });
  await one.registry.shutdownAll();
  expect(pidsOf(two)).toEqual(second);
  expect(await two.registry.tool('host_call')?.call({ name: 'most_inside', input: {} })).toEqual({ most: expect.any(Number) });
  await two.registry.shutdownAll();
});
