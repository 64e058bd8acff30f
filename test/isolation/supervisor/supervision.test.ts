import { describe, expect, test } from '@jest/globals';
import type { CrashInfo } from '../../../src/isolation/supervisor/process-options.js';
import { crash, crashedBy, killedBy } from '../../support/crash.js';
import { cancelledInside, errorOf, timeoutInside, timeoutPending, pause, recordOf, until } from '../../support/host.js';
import type { IsolatedPlugin } from '../../../src/isolation/proxy/isolated-plugin.js';
import { isAlive } from '../alive.js';
import { isCaughtByLoader } from '../fault-table.js';
import { loadIn, openIn } from '../homes.js';

const RESTART = { firstPauseMs: 20 };
/** What is to hang does so until it is killed. */
const HANGS = { AISOPOD_FIXTURE_HANG_MS: '600000' };

describe('a process that ends by itself', () => {
  test('fails what was sent with a typed error, and nothing else: what was not sent waits for the restart', async () => {
    const crashes: CrashInfo[] = [];
    const host = await openIn('process', ['good-c'], { restart: RESTART, onCrash: (info) => void crashes.push(info) });
    const plugin = host.remote('good-c');
    const first = plugin.pid ?? 0;
    const sent = [host.tool('wait_cancel').call({}), host.tool('pending').call({ ms: 20_000 })].map(errorOf);
    process.kill(first, 'SIGKILL');
    for (const error of await Promise.all(sent)) {
      expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'good-c', step: 'active', during: 'tool pending', ...killedBy('SIGKILL') });
    }
    expect(plugin.state).toBe('restarting');
    expect(await host.tool('echo').call({ waited: true })).toEqual({ waited: true });
    expect(plugin).toMatchObject({ state: 'active', restarts: 1 });
    expect(plugin.pid).not.toBe(first);
    expect(crashes).toMatchObject([{ plugins: ['good-c'], signal: killedBy('SIGKILL').signal, during: 'tool pending' }]);
    expect(recordOf(plugin)).toContain(`its process ${killedBy('SIGKILL').reason} (during tool pending); it will be restarted in`);
  });

  test('is restarted also if no request was in progress, with its latest configuration', async () => {
    const host = await openIn('process', ['good-c'], { restart: RESTART, configOf: () => ({ greeting: 'first' }) });
    const plugin = host.remote('good-c');
    await plugin.reconfigure({ greeting: 'second' });
    crash(plugin.pid ?? 0, 'SIGSEGV');
    await until(() => plugin.restarts === 1 && plugin.state === 'active');
    expect(recordOf(plugin)).toContain(`its process ${killedBy('SIGSEGV').reason} (while idle)`);
    expect(await host.tool('config').call({})).toEqual({ greeting: 'second' });
  });

  test('takes a new configuration while it is being restarted', async () => {
    const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 100 }, configOf: () => ({ greeting: 'first' }) });
    const plugin = host.remote('good-c');
    process.kill(plugin.pid ?? 0, 'SIGKILL');
    await until(() => plugin.state === 'restarting');
    await plugin.reconfigure({ greeting: 'second' });
    expect(await host.tool('config').call({})).toEqual({ greeting: 'second' });
  });

  test('says with which code it exited', async () => {
    const host = await openIn('process', ['crasher'], { restart: RESTART });
    const error = await errorOf(host.tool('worker').call({ fault: '_exit' }));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', capability: 'tool worker', exitCode: 3, signal: null, reason: 'exited with code 3' });
    expect(error.message).toBe("plugin crasher: tool worker: the plugin's process exited with code 3");
  });

  test('keeps the connections of its channels: they are started anew, and what is sent meanwhile waits', async () => {
    const host = await openIn('process', ['good-c'], { restart: RESTART });
    const messages: unknown[] = [];
    const connection = await host.find('channel', 'loopback').connect({ onMessage: (message) => void messages.push(message) });
    await connection.send({ before: 1 });
    // A message belongs to another invocation than the answer of `send`, which may come first.
    await until(() => messages.some((message) => JSON.stringify(message) === '{"before":1}'));
    process.kill(host.remote('good-c').pid ?? 0, 'SIGKILL');
    await until(() => host.remote('good-c').state === 'restarting');
    expect(await connection.send({ after: 1 })).toEqual({ sent: true });
    await connection.disconnect();
    await connection.closed;
    expect(messages).toContainEqual({ before: 1 });
    expect(messages).toContainEqual({ after: 1 });
  });

  test('ends the connections of its channels where it does not come back', async () => {
    const host = await openIn('process', ['good-c'], { restart: { most: 0 } });
    const connection = await host.find('channel', 'loopback').connect({ onMessage: () => undefined });
    process.kill(host.remote('good-c').pid ?? 0, 'SIGKILL');
    expect(await errorOf(connection.closed)).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'quarantined, since it kept crashing' });
    expect(await errorOf(connection.send({}))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });

  test('once too often is quarantined: what waits and what comes is refused, and the host is told', async () => {
    const given: CrashInfo[] = [];
    const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 1, most: 2 }, onGiveUp: (info) => void given.push(info) });
    const plugin = host.remote('good-c');
    for (let count = 0; count < 3; count++) {
      await until(() => plugin.state === 'active');
      const { pid = 0, restarts } = plugin;
      crash(pid, 'SIGSEGV');
      await until(() => plugin.state === 'quarantined' || plugin.restarts > restarts);
    }
    expect(plugin).toMatchObject({ state: 'quarantined', restarts: 2 });
    expect(given).toMatchObject([{ plugins: ['good-c'], signal: killedBy('SIGSEGV').signal }]);
    expect(await errorOf(host.tool('echo').call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'quarantined, since it kept crashing' });
    await plugin.shutdown();
    expect(plugin.state).toBe('retired');
  });

  test('can be shut down while it is being restarted: nothing is left', async () => {
    const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 60_000 } });
    const plugin = host.remote('good-c');
    process.kill(plugin.pid ?? 0, 'SIGKILL');
    await until(() => plugin.state === 'restarting');
    const waiting = errorOf(host.tool('echo').call({}));
    await plugin.shutdown();
    expect(await waiting).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
    expect(plugin).toMatchObject({ state: 'retired', pid: undefined });
  });

  test('leaves other plugins alone', async () => {
    const host = await openIn('process', ['good-c', 'inside-count'], { restart: RESTART });
    const open = host.tool('pending').call({ ms: 100 });
    crash(host.remote('inside-count').pid ?? 0, 'SIGABRT');
    expect(await open).toEqual({ ok: true });
    expect(host.remote('good-c').restarts).toBe(0);
  });
});

describe('a step of its life that does not come back', () => {
  test.each([
    ['create-hangs', 'create', { code: 'ERR_CREATE_FAILED', step: 'create' }],
    ['register-hangs', 'register', { code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'register' }],
    ['init-hangs', 'init', { code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'init' }],
  ])('%s: the process is gone', async (id, step, expected) => {
    const pids = new Set<number>();
    const timeouts = { [step]: 300 };
    const { registry } = await openIn('process', []);
    const error = await errorOf(
      (async () => {
        const plugin = await loadIn('process', id, { timeouts, env: HANGS });
        pids.add((plugin as { pid?: number }).pid ?? 0);
        await registry.register(plugin);
        await registry.init(id);
      })(),
    );
    expect(error).toMatchObject({ pluginId: id, ...expected });
    await until(() => [...pids].every((pid) => !isAlive(pid)));
  });

  test('a constructor that spins is ended from outside', async () => {
    const error = await errorOf(openIn('process', ['crasher'], { timeouts: { create: 300 }, env: { AISOPOD_FIXTURE_FAULT: 'constructor:spin' } }));
    expect(error).toMatchObject({ pluginId: 'crasher', step: 'open', code: 'ERR_CREATE_FAILED', symbol: 'a constructor of the library' });
  });

  test('a crash in a constructor says so', async () => {
    const [fault, signal] = isCaughtByLoader('constructor', 'segv') ? ['abort', 'SIGABRT'] : ['segv', 'SIGSEGV'];
    const error = await errorOf(openIn('process', ['crasher'], { env: { AISOPOD_FIXTURE_FAULT: `constructor:${fault}` } }));
    expect(error).toMatchObject({ pluginId: 'crasher', code: 'ERR_LIFECYCLE_CRASHED', operation: 'load', step: 'open', ...crashedBy(signal) });
  });

  test('a step of a plugin whose process has ended and is not restarted says where to look', async () => {
    const plugin = (await loadIn('process', 'good-c', { restart: { most: 0 } })) as IsolatedPlugin;
    const { registry } = await openIn('process', []);
    crash(plugin.pid ?? 0, 'SIGSEGV');
    await until(() => plugin.pid === undefined);
    const error = await errorOf(registry.register(plugin));
    expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', ending: 'ended-earlier', hint: expect.stringContaining('host.explain') });
  });

  test('shutdown-hangs is killed at its deadline', async () => {
    const host = await openIn('process', ['shutdown-hangs'], { timeouts: { shutdown: 300 }, env: HANGS });
    const { pid = 0 } = host.remote('shutdown-hangs');
    const { failed } = await host.registry.shutdownAll();
    expect(failed).toMatchObject([{ error: { code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'shutdown', pluginId: 'shutdown-hangs' } }]);
    expect(isAlive(pid)).toBe(false);
  });
});

describe.each(['process', 'socket'] as const)('an invocation past its deadline (%s)', (home) => {
  test('is rejected at once; native code that does not come out in time is killed, and what waited meanwhile is answered', async () => {
    const host = await openIn(home, ['good-c'], { graceMs: 200, restart: RESTART });
    const plugin = host.remote('good-c');
    const { pid } = plugin;
    const neighbour = errorOf(host.tool('pending').call({ ms: 20_000 }));
    const error = await timeoutInside(() => host.tool('block').call({ ms: 60_000 }, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: true });
    expect(plugin.pid).toBe(pid);
    expect(await host.tool('echo').call({ after: 'the kill' })).toEqual({ after: 'the kill' });
    expect(plugin.pid).not.toBe(pid);
    expect(await neighbour).toMatchObject({
      code: 'ERR_PLUGIN_CRASHED',
      signal: 'SIGKILL',
      reason: 'was killed by the host: it was still in tool block 200 ms after its deadline',
      ending: 'killed-by-host',
      hint: expect.stringContaining('The message says why the host killed it.'),
    });
  });

  test('that comes out in time costs nobody anything', async () => {
    const host = await openIn(home, ['good-c'], { graceMs: 20_000 });
    const { pid } = host.remote('good-c');
    const error = await timeoutInside(() => host.tool('block').call({ ms: 3000 }, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: true });
    expect(await host.tool('echo').call({ after: 1 })).toEqual({ after: 1 });
    expect(host.remote('good-c')).toMatchObject({ pid, restarts: 0 });
  });

  test('that is pending must be completed, or the process is killed all the same', async () => {
    const host = await openIn(home, ['crasher'], { graceMs: 200, restart: RESTART });
    const plugin = host.remote('crasher');
    const { pid } = plugin;
    const error = await timeoutPending(() => host.tool('pending').call({ fault: 'sleep' }, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: false });
    expect(await host.tool('worker').call({ fault: 'none' })).toEqual({ survived: true });
    expect(plugin.pid).not.toBe(pid);
    expect(recordOf(plugin)).toContain('killed by the host: it had not completed tool pending 200 ms after its deadline (during tool pending)');
  });

  test('that was pending and is completed late, to nobody, costs nobody anything', async () => {
    const host = await openIn(home, ['good-c'], { graceMs: 20_000 });
    const { pid } = host.remote('good-c');
    await errorOf(host.tool('pending').call({ ms: 60_000 }, { timeoutMs: 50 }));
    expect(await host.tool('echo').call({ after: 1 })).toEqual({ after: 1 });
    expect(host.remote('good-c')).toMatchObject({ pid, restarts: 0 });
  });

  test('is killed also where it was cancelled before and did not hear it', async () => {
    const host = await openIn(home, ['good-c'], { graceMs: 50, restart: RESTART });
    const { pid } = host.remote('good-c');
    const blocked = await cancelledInside((signal) => host.tool('block').call({ ms: 60_000 }, { signal, timeoutMs: 2000 }), {
      untilInside: () => host.tool('echo').call({}), // another thread answers it, after block was taken
    });
    expect(blocked).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: true });
    await until(() => host.remote('good-c').restarts === 1 && host.remote('good-c').state === 'active');
    expect(host.remote('good-c').pid).not.toBe(pid);
    expect(recordOf(host.remote('good-c'))).toContain('it was still in tool block 50 ms after its deadline');
  });

  test('that got no thread, since what was cancelled keeps it, costs that its process', async () => {
    const host = await openIn(home, ['crasher'], { graceMs: 200, restart: RESTART });
    const plugin = host.remote('crasher');
    const spinning = await cancelledInside((signal) => host.tool('worker').call({ fault: 'say-and-spin' }, { signal, timeoutMs: Infinity }), {
      untilInside: () => until(() => host.log.some(({ message }) => message === 'working')),
    });
    expect(spinning).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: true });
    const starved = errorOf(host.tool('worker').call({ fault: 'none' }, { timeoutMs: 300 }));
    expect(await starved).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    expect(await host.tool('worker').call({ fault: 'none' })).toEqual({ survived: true });
    expect(plugin.restarts).toBe(1);
    expect(recordOf(plugin)).toContain('it was still in tool worker 200 ms after its deadline');
  });

  test('is another thing than a cancelled one, which has until its deadline', async () => {
    const host = await openIn(home, ['good-c'], { graceMs: 50 });
    const { pid } = host.remote('good-c');
    const blocked = await cancelledInside((signal) => host.tool('block').call({ ms: 2000 }, { signal }));
    expect(blocked).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: true });
    await pause(700);
    expect(host.remote('good-c')).toMatchObject({ pid, restarts: 0 });
  });
});

test.each(['process', 'socket'] as const)('what must not block and does costs its process: a release that never returns (%s)', async (home) => {
  const host = await openIn(home, ['crasher'], { graceMs: 50, restart: RESTART });
  const plugin = host.remote('crasher');
  await host.tool('release').call({ fault: 'sleep' });
  await until(() => plugin.restarts === 1 && plugin.state === 'active');
  expect(recordOf(plugin)).toContain('killed by the host: it was in release of crasher for 1000 ms');
  expect(await host.tool('release').call({ fault: 'none' })).toEqual({ survived: true });
});

test.each([0, Infinity])('a grace of %p leaves what must not block its time', async (graceMs) => {
  const host = await openIn('process', ['crasher'], { graceMs, restart: { most: 0 } });
  const plugin = host.remote('crasher');
  await host.tool('release').call({ fault: 'work' }); // takes 60 ms of a processor, however long that is on the wall
  expect(await host.tool('worker').call({ fault: 'none' })).toEqual({ survived: true });
  await host.registry.shutdownAll(); // which waits until nothing is inside
  expect(recordOf(plugin)).not.toContain('killed by the host');
});

test('a plugin that wants one thread for ever gets it', async () => {
  const host = await openIn('process', ['one-thread']);
  const calls = Array.from({ length: 20 }, () => host.tool('threads').call({}));
  for (const answer of await Promise.all(calls)) expect(answer).toEqual({ others: 0 });
});
