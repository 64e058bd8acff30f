import { describe, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { LogLevel } from '../../src/log/logger.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { Plugin } from '../../src/plugin/plugin.js';
import { activePlugin, found, gate, newRegistry } from '../capability/active-plugin.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf, loadFixture } from '../support/host.js';

/** A plugin that writes down what is asked of it. */
const noting = (id: string, calls: string[], more: Partial<PluginDefinition> = {}): Plugin =>
  definePlugin({
    id,
    register: () => void calls.push(`${id} register`),
    init: () => void calls.push(`${id} init`),
    shutdown: () => void calls.push(`${id} shutdown`),
    ...more,
  });

const ids = (plugins: readonly Plugin[]): string[] => plugins.map(({ id }) => id);
const fails = (message: string) => (): never => { throw new Error(message); };

describe('the order of things', () => {
  test('register and init in order, shutdown in reverse', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    for (const id of ['a', 'b', 'c']) await registry.register(noting(id, calls));
    expect(ids((await registry.initAll()).done)).toEqual(['a', 'b', 'c']);
    expect(ids((await registry.shutdownAll()).done)).toEqual(['c', 'b', 'a']);
    expect(calls).toEqual(['a register', 'b register', 'c register', 'a init', 'b init', 'c init', 'c shutdown', 'b shutdown', 'a shutdown']);
    expect(registry.list()).toEqual([]);
  });

  test('what shutdownAll did is in the order in which the shutdowns began, not in that of their ends', async () => {
    const last = gate();
    const registry = newRegistry();
    await registry.register(noting('quick-fails', [], { shutdown: () => { last.open(); throw new Error('at once'); } }));
    await registry.register(noting('quick', []));
    await registry.register(noting('slow', [], { shutdown: () => last.promise }));
    await registry.register(noting('slow-fails', [], { shutdown: async () => { await last.promise; throw new Error('later'); } }));
    await registry.initAll();
    const { done, failed } = await registry.shutdownAll();
    expect([ids(done), failed.map(({ plugin }) => plugin.id)]).toEqual([['slow', 'quick'], ['slow-fails', 'quick-fails']]);
  });

  test('init gets its context: configuration, version, logger, a folder of its own', async () => {
    const dataDir = path.join(temporaryFolder(), 'data');
    const lines: unknown[] = [];
    const write = (level: LogLevel) => (message: string) => void lines.push([level, message]);
    const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const registry = newRegistry({ hostVersion: '2.1.0', dataDir, logger, configOf: ({ id }) => Promise.resolve({ for: id }) });
    const contexts: unknown[] = [];
    await registry.register(
      noting('a', [], {
        init(context) {
          const { config, hostVersion, dataDir: own } = context;
          contexts.push({ config, hostVersion, own, mode: statSync(own).mode & 0o777 });
          context.logger.info('ready');
        },
      }),
    );
    await registry.initAll();
    const mode = process.platform === 'win32' ? (expect.any(Number) as unknown) : 0o700;
    expect(contexts).toEqual([{ config: { for: 'a' }, hostVersion: '2.1.0', own: path.join(dataDir, 'a'), mode }]);
    expect(lines).toEqual([['info', 'ready']]);
  });

  test('definePlugin: an id and register are enough, and shutdown follows only a successful init, once', async () => {
    const calls: string[] = [];
    const bare = definePlugin({ id: 'bare', register: () => undefined });
    expect(bare.meta).toEqual({ name: 'bare', version: '0.0.0', description: '', author: '' });
    const never = noting('never', calls);
    const registry = newRegistry();
    for (const plugin of [bare, never]) await registry.register(plugin);
    await registry.shutdownAll();
    expect(calls).toEqual(['never register']);
    const again = noting('again', calls);
    await registry.register(again);
    await registry.initAll();
    await registry.shutdownAll();
    await again[Symbol.asyncDispose]();
    expect(calls.slice(1)).toEqual(['again register', 'again init', 'again shutdown']);
  });
});

describe('failures', () => {
  test('of init and shutdown are that plugin\'s alone, typed, and recorded', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    await registry.register(noting('bad-init', calls, { init: fails('no licence') }));
    await registry.register(noting('bad-end', calls, { shutdown: fails('stuck') }));
    await registry.register(noting('good', calls));
    const started = await registry.initAll();
    expect(ids(started.done)).toEqual(['bad-end', 'good']);
    expect(started.failed).toMatchObject([{ plugin: { id: 'bad-init' }, error: { code: 'ERR_INIT_FAILED', pluginId: 'bad-init', reason: 'no licence' } }]);
    expect(registry.stateOf('bad-init')).toMatchObject({ state: 'failed', error: { code: 'ERR_INIT_FAILED' } });
    expect(registry.stateOf('good')).not.toHaveProperty('error');
    const ended = await registry.shutdownAll();
    expect(ids(ended.done)).toEqual(['good', 'bad-init']);
    expect(ended.failed).toMatchObject([{ plugin: { id: 'bad-end' }, error: { code: 'ERR_SHUTDOWN_FAILED', pluginId: 'bad-end', reason: 'stuck' } }]);
    expect(registry.list()).toEqual([]);
  });

  test('a plugin whose init failed offers nothing, and its names are free', async () => {
    const registry = newRegistry();
    const offering = (id: string, more: Partial<PluginDefinition>) =>
      definePlugin({ id, register: (api) => api.registerTool({ name: 'same', call: () => id }), ...more });
    await registry.register(offering('first', { init: fails('no licence') }));
    await registry.initAll();
    expect(registry.find('tool', 'same')).toBeUndefined();
    await registry.register(offering('second', {}));
    await registry.initAll();
    expect(await found(registry, 'tool', 'same').call({})).toBe('second');
  });

  test('configuration and data folder that cannot be had fail that plugin', async () => {
    const registry = newRegistry({ configOf: ({ id }) => (id === 'a' ? fails('not valid')() : {}) });
    await registry.register(noting('a', []));
    await registry.register(noting('b', []));
    const { done, failed } = await registry.initAll();
    expect([ids(done), failed]).toMatchObject([['b'], [{ error: { code: 'ERR_INIT_FAILED', pluginId: 'a', reason: 'not valid' } }]]);

    const wrong = newRegistry({ configOf: () => 5 as never });
    await wrong.register(noting('d', []));
    expect((await wrong.initAll()).failed).toMatchObject([{ error: { code: 'ERR_CONFIG', pluginId: 'd', reason: 'expected an object, found a number' } }]);

    const nowhere = newRegistry({ dataDir: path.join(process.execPath, 'below a file') });
    await nowhere.register(noting('c', []));
    expect((await nowhere.initAll()).failed).toMatchObject([{ error: { code: 'ERR_IO', pluginId: 'c', step: 'init' } }]);
  });

  test.each([
    ['init', { init: fails('no') }, 'ERR_INIT_FAILED'],
    ['shutdown', { shutdown: fails('no') }, 'ERR_SHUTDOWN_FAILED'],
  ] as const)('%s of one plugin throws', async (operation, more, code) => {
    const registry = newRegistry();
    await registry.register(noting('a', [], more));
    const run = async (): Promise<void> => {
      await registry.init('a');
      await registry.shutdown('a');
    };
    expect(await errorOf(run())).toMatchObject({ code, pluginId: 'a' });
    expect(registry.stateOf('a')?.state).toBe(operation === 'init' ? 'failed' : undefined);
  });
});

describe('at the same time', () => {
  test('register of one id twice: the second is refused, the first goes on', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    const [first, second] = await Promise.allSettled([registry.register(noting('a', calls)), registry.register(noting('a', calls))]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ERR_DUPLICATE_PLUGIN', pluginId: 'a', winner: 'a 0.0.0, registering' } });
    expect(calls).toEqual(['a register']);
    expect(registry.stateOf('a')?.state).toBe('registered');
  });

  test('initAll twice: each plugin sees one init', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    await registry.register(noting('a', calls));
    await registry.register(noting('b', calls));
    const [first, second] = await Promise.all([registry.initAll(), registry.initAll(), registry.init('a')]);
    expect([ids(first.done), ids(second.done)]).toEqual([['a', 'b'], []]);
    expect(calls.filter((call) => call.endsWith('init'))).toEqual(['a init', 'b init']);
  });

  test('shutdownAll during initAll waits for it', async () => {
    const calls: string[] = [];
    const held = gate();
    const registry = newRegistry();
    await registry.register(noting('a', calls, { init: async () => { await held.promise; calls.push('a init'); } }));
    await registry.register(noting('b', calls));
    const started = registry.initAll();
    const ended = registry.shutdownAll();
    await new Promise(setImmediate);
    expect(calls).toEqual(['a register', 'b register']);
    held.open();
    expect([ids((await started).done), ids((await ended).done)]).toEqual([['a', 'b'], ['b', 'a']]);
    expect(calls.slice(2)).toEqual(['a init', 'b init', 'b shutdown', 'a shutdown']);
  });

  test('shutdownAll twice: each plugin sees one shutdown', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    await registry.register(noting('a', calls));
    await registry.initAll();
    const [first, second] = await Promise.all([registry.shutdownAll(), registry.shutdownAll()]);
    expect([ids(first.done), ids(second.done)]).toEqual([['a'], []]);
    expect(calls).toEqual(['a register', 'a init', 'a shutdown']);
  });

  test('shutdownAll, and shutdown of one: that one sees one shutdown', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    await registry.register(noting('a', calls));
    await registry.initAll();
    await Promise.all([registry.shutdown('a'), registry.shutdownAll(), registry.shutdown('a')]);
    expect(calls).toEqual(['a register', 'a init', 'a shutdown']);
    expect(registry.list()).toEqual([]);
  });

  test('shutdownAll waits for a registration under way, whichever way that ends', async () => {
    const held = gate();
    const registry = newRegistry();
    const slow = registry.register(noting('slow', [], { register: () => held.promise }));
    const broken = errorOf(registry.register(noting('broken', [], { register: async () => { await held.promise; throw new Error('no'); } })));
    const ended = registry.shutdownAll();
    held.open();
    await slow;
    expect(await broken).toMatchObject({ code: 'ERR_REGISTER_FAILED' });
    expect(ids((await ended).done)).toEqual(['slow']);
    expect(registry.list()).toEqual([]);
  });

  test('a native plugin among them: register twice, initAll twice, shutdownAll meanwhile', async () => {
    const registry = newRegistry();
    const [one, other] = [await loadFixture('good-c'), await loadFixture('good-c')];
    const registrations = await Promise.allSettled([registry.register(one), registry.register(other)]);
    expect(registrations.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const [first, second, ended] = await Promise.all([registry.initAll(), registry.initAll(), registry.shutdownAll()]);
    expect([ids(first.done), ids(second.done), ids(ended.done)]).toEqual([['good-c'], [], ['good-c']]);
    await other[Symbol.asyncDispose]();
  });
});

test('an id that was shut down may be registered again, with the same names: a handle of before works again', async () => {
  const registry = await activePlugin((api) => api.registerTool({ name: 'same', call: () => 1 }));
  const old = found(registry, 'tool', 'same');
  await registry.shutdown('plain');
  expect(await errorOf(old.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' });
  await registry.register(definePlugin({ id: 'plain', register: (api) => api.registerTool({ name: 'same', call: () => 2 }) }));
  await registry.init('plain');
  expect(await found(registry, 'tool', 'same').call({})).toBe(2);
  expect(await old.call({})).toBe(2);
});
