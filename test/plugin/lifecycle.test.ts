/** register, init, shutdown: off the main thread, in order, once, each with its end. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Plugin, PluginApi, PluginContext } from '../../src/plugin/plugin.js';
import { silentLogger } from '../../src/log/logger.js';
import { answerOf } from '../support/child.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf, loadFixture, openHost, recordOf, until } from '../support/host.js';

const refuse = (): never => {
  throw new Error('not asked for in this test');
};

/** Takes every registration, and keeps none. */
const api = { registerCapability: () => undefined, callCapability: refuse } as unknown as PluginApi;

const context = (): PluginContext => ({ config: {}, dataDir: temporaryFolder(), hostVersion: '1.0.0', logger: silentLogger });

/** A promise for the call, whether it throws or rejects. */
const call = async (plugin: Plugin, operation: 'register' | 'init' | 'shutdown'): Promise<void> => {
  if (operation === 'register') await plugin.register(api);
  if (operation === 'init') await plugin.init(context());
  if (operation === 'shutdown') await plugin.shutdown();
};

test('an init that takes half a second does not hold the event loop', async () => {
  let ticks = 0;
  // A loop that is held ticks at most once, at the end. On a busy machine one that is free may not tick more often either.
  for (let tries = 0; ticks <= 1 && tries < 10; tries++) {
    const plugin = await loadFixture('slow-init');
    await plugin.register(api);
    ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await plugin.init(context());
    clearInterval(timer);
    await plugin.shutdown();
  }
  expect(ticks).toBeGreaterThan(1);
});

describe('every wrong order is a typed error, and changes nothing', () => {
  const ORDERS: [string, ('register' | 'init' | 'shutdown')[], 'register' | 'init' | 'shutdown', string][] = [
    ['init before register', [], 'init', 'loaded'],
    ['register twice', ['register'], 'register', 'registered'],
    ['register after init', ['register', 'init'], 'register', 'active'],
    ['init twice', ['register', 'init'], 'init', 'active'],
    ['register after shutdown', ['register', 'init', 'shutdown'], 'register', 'retired'],
    ['init after shutdown', ['register', 'init', 'shutdown'], 'init', 'retired'],
    ['shutdown twice', ['register', 'init', 'shutdown'], 'shutdown', 'retired'],
    ['register after a shutdown that came before', ['shutdown'], 'register', 'retired'],
    ['init after a shutdown that came before', ['register', 'shutdown'], 'init', 'retired'],
  ];
  test.each(ORDERS)('%s', async (_name, before, wrong, found) => {
    const plugin = await loadFixture('good-c');
    for (const operation of before) await call(plugin, operation);
    expect(await errorOf(call(plugin, wrong))).toMatchObject({
      name: 'LifecycleError',
      code: 'ERR_LIFECYCLE_STATE',
      operation: wrong,
      found,
      pluginId: 'good-c',
      step: wrong,
    });
    await plugin[Symbol.asyncDispose]();
  });

  test.each(['register', 'init', 'shutdown'] as const)('%s while it runs', async (operation) => {
    const plugin = await loadFixture('good-c');
    if (operation !== 'register') await plugin.register(api);
    if (operation === 'shutdown') await plugin.init(context());
    const first = call(plugin, operation);
    expect(await errorOf(call(plugin, operation))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', operation });
    await first;
    await plugin[Symbol.asyncDispose]();
  });

  test('every call after a failed one', async () => {
    const plugin = await loadFixture('init-fails');
    await plugin.register(api);
    await errorOf(call(plugin, 'init'));
    for (const operation of ['register', 'init', 'shutdown'] as const) {
      expect(await errorOf(call(plugin, operation))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'failed' });
    }
  });
});

describe('a failure is told in the words of the plugin', () => {
  test.each([
    ['register-fails', 'register', 'ERR_REGISTER_FAILED', 'nothing to offer'],
    ['init-fails', 'init', 'ERR_INIT_FAILED', 'no licence file'],
    ['shutdown-fails', 'shutdown', 'ERR_SHUTDOWN_FAILED', 'cannot let go'],
  ] as const)('%s', async (id, failing, code, reason) => {
    const plugin = await loadFixture(id);
    for (const operation of ['register', 'init', 'shutdown'] as const) {
      if (operation !== failing) await call(plugin, operation);
      else break;
    }
    const error = await errorOf(call(plugin, failing));
    expect(error).toMatchObject({ name: 'LifecycleError', code, status: 'FAILED', reason, pluginId: id, step: failing });
    expect(error.message).toContain(reason);
    expect(error.hint).toMatch(/\w/);
  });
});

describe('a call that does not return is a typed error at its deadline; the record names what still runs', () => {
  test.each(['register', 'init', 'shutdown'] as const)('%s', async (hanging) => {
    const id = `${hanging}-hangs`;
    const plugin = await loadFixture(id, { timeouts: { [hanging]: 50 } });
    for (const operation of ['register', 'init', 'shutdown'] as const) {
      if (operation !== hanging) await call(plugin, operation);
      else break;
    }
    const error = await errorOf(call(plugin, hanging));
    expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_TIMEOUT', operation: hanging, timeoutMs: 50, pluginId: id, step: hanging });
    expect(recordOf(plugin)).toMatch(new RegExp(`${hanging} passed its deadline of 50 ms; its native call is still running`));
    expect(await errorOf(call(plugin, 'init'))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'failed' });
    await until(() => recordOf(plugin).includes('returned OK after its deadline'));
  });

  test('other plugins are called meanwhile', async () => {
    const host = await openHost(['good-c']);
    const callEcho = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) expect(await host.tool('echo').call({ i })).toEqual({ i });
    };
    // On a busy machine the calls may take longer than the deadline: then it is tried again.
    for (let wasMeanwhile = false; !wasMeanwhile; ) {
      const plugin = await loadFixture('init-hangs', { timeouts: { init: 500 } });
      await plugin.register(api);
      let timedOut = false;
      const hanging = errorOf(call(plugin, 'init')).finally(() => (timedOut = true));
      await callEcho();
      wasMeanwhile = !timedOut;
      await hanging;
      await callEcho();
      await until(() => recordOf(plugin).includes('returned OK after its deadline'));
    }
  });

  test('a shutdown that cannot begin says which call is in its way', async () => {
    const host = await openHost(['good-c'], { timeouts: { shutdown: 50 } });
    const plugin = host.plugin('good-c');
    const blocked = errorOf(host.tool('block').call({ ms: 5000 }));
    await host.tool('echo').call({});
    const error = await errorOf(host.registry.shutdown('good-c'));
    expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'shutdown' });
    expect(recordOf(plugin)).toMatch(/shutdown was not called: tool block is still inside/);
    expect(await blocked).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
  });
});

describe('disposal', () => {
  test('await using ends a plugin at the end of its block, whatever its state', async () => {
    const log = path.join(temporaryFolder(), 'calls');
    const script = `
    const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0' });
    const registry = new aisopod.PluginRegistry({ hostVersion: '1.0.0', dataDir: process.env.DATA });
    const plugin = await loader.loadPlugin(await fixture('call-log'));
    await registry.register(plugin);
    await registry.initAll();
    await plugin[Symbol.asyncDispose]();
    await plugin[Symbol.asyncDispose]();
    console.log(1);`;
    await answerOf(script, { env: { AISOPOD_FIXTURE_LOG: log, DATA: temporaryFolder() } });
    expect(readFileSync(log, 'utf8')).toMatch(/register\ninit\nshutdown\ndestroy\n$/);
  });

  test('a registry that goes out of scope shuts its plugins down', async () => {
    const host = await openHost(['good-c']);
    const plugin = host.plugin('good-c');
    const echo = host.tool('echo');
    {
      await using registry = host.registry;
      expect(registry.list()).toEqual([plugin]);
    }
    expect(await errorOf(call(plugin, 'shutdown'))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'retired' });
    expect(await errorOf(echo.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' });
  });

  test('one that is asked for while shutdown runs waits for it', async () => {
    const plugin = await loadFixture('shutdown-hangs');
    await plugin.register(api);
    await plugin.init(context());
    let isDown = false;
    const shutdown = call(plugin, 'shutdown').then(() => (isDown = true));
    await plugin[Symbol.asyncDispose]();
    expect(isDown).toBe(true);
    await shutdown;
  });
});
