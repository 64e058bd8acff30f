import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Chunk } from '../../src/invocation/backend.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import type { PluginApi } from '../../src/plugin/plugin.js';
import { temporaryFolder } from '../support/fixtures.js';
import { cancelledInside, errorOf, pause, timeoutInside, timeoutPending, until } from '../support/host.js';
import { loadIn, openIn, type HomeHost } from './homes.js';

/** One suite over both homes, and both ways to reach a child: whatever is expected here is the same in each. */
describe.each(['in-process', 'process', 'socket'] as const)('a plugin %s', (home) => {
  let host: HomeHost;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = path.join(temporaryFolder(), 'data');
    host = await openIn(home, ['good-c'], { dataDir });
  });
  afterEach(() => {
    host.log.length = 0;
  });

  describe('tools', () => {
    test('take JSON and answer JSON', async () => {
      const value = { text: 'ü 漢字 😀 "quoted" \\', list: [1, 2.5, null, true], nested: { a: {} } };
      expect(await host.tool('echo').call(value)).toEqual(value);
      expect(await host.tool('echo_inline').call(value)).toEqual(value);
      expect(await host.tool('echo').callRaw('  {"kept": "as it is"}')).toBe('  {"kept": "as it is"}');
    });

    test('have the descriptions and schemas that were registered', () => {
      expect(host.registry.list().map(({ id, meta }) => ({ id, ...meta }))).toEqual([
        { id: 'good-c', name: 'Good in C', version: '1.0.0', description: 'Uses everything the header has, and breaks no rule', author: 'aisopod-plugin' },
      ]);
      expect(host.registry.capabilities('tool').map(({ name }) => name)).toContain('wait_cancel');
      expect(host.find('command', 'greet')).toMatchObject({ description: 'Greets someone', usage: 'greet NAME [EXIT_CODE]' });
    });

    test('fail with the status and words of the plugin', async () => {
      const error = await errorOf(host.tool('fail').call({}));
      expect(error).toMatchObject({
        name: 'InvocationError',
        code: 'ERR_INVOCATION_FAILED',
        capability: 'tool fail',
        status: 'FAILED',
        reason: 'asked to fail',
        pluginId: 'good-c',
        step: 'active',
        message: 'plugin good-c: tool fail failed: asked to fail',
      });
    });

    test('answer later, in any order, many at once', async () => {
      const stop = new AbortController();
      const first = errorOf(host.tool('pending').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
      expect(await host.tool('pending').call({ ms: 1 })).toEqual({ ok: true });
      stop.abort();
      expect(await first).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
      const many = Array.from({ length: 200 }, (_, i) => host.tool('echo').call({ i }));
      expect(await Promise.all(many)).toEqual(Array.from({ length: 200 }, (_, i) => ({ i })));
    });

    test.each([0, 1, 65_536, 1 << 20, 64 << 20])('carry %i bytes there and back', async (length) => {
      const json = JSON.stringify('x'.repeat(length));
      expect((await host.tool('echo').callRaw(json)) === json).toBe(true);
    });

    test('give back memory of their own once for each answer', async () => {
      const count = async (): Promise<number> => (await host.tool('released').call<unknown, { released: number }>({})).released;
      const before = await count();
      expect(await host.tool('owned').callRaw('{"bytes": 100000}')).toHaveLength(100_002);
      expect(await count()).toBe(before + 1);
    });

    test('are refused what is too large before anything is sent', async () => {
      const small = await openIn(home, ['rule-breaker'], { maxPayloadBytes: 1000 });
      const error = await errorOf(small.tool('statuses').callRaw(JSON.stringify('x'.repeat(1000))));
      expect(error).toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE', what: 'an input', bytes: 1002, limit: 1000 });
    });
  });

  describe('streams', () => {
    test('come in order, each before the answer', async () => {
      const seen: unknown[] = [];
      const answer = await host.tool('stream').call({ count: 2000 }, { onChunk: (chunk) => void seen.push((chunk as { i: number }).i) });
      expect(answer).toEqual({ count: 2000 });
      expect(seen).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    });

    test('wait for a receiver that is slow, and never call it twice at once', async () => {
      let inside = 0;
      let most = 0;
      let count = 0;
      const onChunk = async (): Promise<void> => {
        most = Math.max(most, ++inside);
        count++;
        await pause(1);
        inside--;
      };
      await host.tool('stream').call({ count: 700, bytes: 1000 }, { onChunk });
      expect({ most, count }).toEqual({ most: 1, count: 700 });
    });

    test('of megabytes arrive whole', async () => {
      let bytes = 0;
      await host.tool('stream').callRaw('{"count": 300, "bytes": 65536}', {
        onChunk: (chunk) => {
          bytes += chunk.data.length;
        },
      });
      expect(bytes).toBe(300 * 65_536);
    });

    test('end with what the receiver throws', async () => {
      const seen: Chunk[] = [];
      const onChunk = (chunk: Chunk): void => {
        seen.push(chunk);
        throw new Error('no more');
      };
      await expect(host.tool('stream').callRaw('{"count": 100000}', { onChunk })).rejects.toThrow('no more');
      expect(seen).toHaveLength(1);
      expect(await host.tool('echo').call({ after: true })).toEqual({ after: true });
    });

    test('that nobody receives are dropped', async () => {
      expect(await host.tool('stream').call({ count: 5000 })).toEqual({ count: 5000 });
    });
  });

  describe('an invocation that is not wanted any more', () => {
    test('is cancelled by its signal, with the reason as cause, and the plugin wakes', async () => {
      const error = await cancelledInside((signal) => host.tool('wait_cancel').call({}, { signal }), { reason: new Error('changed my mind') });
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', capability: 'tool wait_cancel', stillRunning: true });
      expect(error.cause).toMatchObject({ message: 'changed my mind' });
      expect(await host.tool('echo').call({ next: 1 })).toEqual({ next: 1 });
    });

    test('is refused where its signal has fired already', async () => {
      const error = await errorOf(host.tool('echo').call({}, { signal: AbortSignal.abort() }));
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false });
    });

    test('ends at its deadline, running or pending, and the plugin goes on', async () => {
      const pending = await timeoutPending(() => host.tool('pending').call({ ms: 20_000 }, { timeoutMs: 100 }));
      expect(pending).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 100, stillRunning: false });
      const running = await timeoutInside(() => host.tool('sleep').call({ ms: 20_000 }, { timeoutMs: 50 }));
      expect(running).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 50, stillRunning: true });
      expect(await onceOut(() => host.tool('echo').call({ next: 2 }))).toEqual({ next: 2 });
    });
  });

  describe('calls of other capabilities', () => {
    test('are answered', async () => {
      expect(await host.tool('host_call').call({ name: 'echo', input: { q: [1] } })).toEqual({ q: [1] });
    });

    test('fail as what they call fails', async () => {
      const failed = await errorOf(host.tool('host_call').call({ name: 'fail', input: {} }));
      expect(failed).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'FAILED', capability: 'tool host_call' });
      const unknown = await errorOf(host.tool('host_call').call({ name: 'nobody-has-this', input: {} }));
      expect(unknown).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'NOT_FOUND' });
    });

    test.each(['chat', 'constructor', '', 'x'.repeat(100)])('of a method that the kind does not have are refused: %j', async (method) => {
      let api: PluginApi | undefined;
      const id = `caller-${method.length}`;
      await host.registry.register(definePlugin({ id, register: (given) => void (api = given) }));
      await host.registry.init(id);
      const error = await errorOf(api?.callCapability('tool', 'echo', method, '{}', {}));
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', pluginId: 'good-c', capability: 'tool echo', status: 'UNSUPPORTED', reason: `it has no method "${method}"` });
    });

    test('end with the invocation that made them', async () => {
      const stop = new AbortController();
      const call = errorOf(host.tool('host_call').call({ name: 'wait_cancel', input: {} }, { signal: stop.signal }));
      await pause(50);
      stop.abort();
      expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', capability: 'tool host_call' });
      await host.registry.shutdown('good-c'); // which waits until nothing is inside
      host = await openIn(home, ['good-c'], { dataDir });
    });

    test('are given up with what made them, also those that were on their way just then', async () => {
      const running = new Set<AbortSignal>();
      const waiting = definePlugin({
        id: 'waiting',
        register: (api) => api.registerTool({ name: 'wait', call: (_params, { signal }) => untilAborted(signal, running) }),
      });
      await host.registry.register(waiting);
      await host.registry.init('waiting');
      for (let round = 0; round < 40; round++) {
        const stop = new AbortController();
        const call = errorOf(host.tool('host_call').call({ name: 'wait', input: {} }, { signal: stop.signal }));
        await new Promise((resolve) => setTimeout(resolve, round / 20));
        stop.abort();
        expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
      }
      await until(() => running.size === 0);
      await host.registry.shutdown('waiting');
    });

    test('nest sixteen deep and no deeper', async () => {
      const nested = (depth: number): object => (depth === 0 ? { name: 'echo', input: { bottom: true } } : { name: 'host_call', input: nested(depth - 1) });
      expect(await host.tool('host_call').call(nested(14))).toEqual({ bottom: true });
      const error = await errorOf(host.tool('host_call').call(nested(16)));
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'NESTING' });
    });
  });

  test.each(['acme.metrics/1', '', 'constructor', '__proto__', 'a'.repeat(128)])('a host extension that there is none of is NULL: %j', async (id) => {
    expect(await host.tool('host_extension').call({ id })).toEqual({ known: false });
  });

  test('host functions that get NULL refuse it, and there is no extension without a name', async () => {
    const breaker = await openIn(home, ['rule-breaker']);
    const refused = { log: -2, register_capability: -2, emit: -2, complete: -2, call: -2, get_extension: null };
    expect(await breaker.tool('null_struct').call({})).toEqual(refused);
  });

  test('a command runs with arguments, output and exit code', async () => {
    const output: unknown[] = [];
    const result = await host.find('command', 'greet').run(['Ada', '3'], { onOutput: (chunk) => void output.push(chunk) });
    expect(result).toEqual({ exitCode: 3, stdout: 'hello Ada\n', stderr: 'greeted Ada\n' });
    expect(output).toEqual([
      { stream: 'stdout', text: 'hello Ada\n' },
      { stream: 'stderr', text: 'greeted Ada\n' },
    ]);
  });

  test('a hook continues, replaces and vetoes', async () => {
    const dispatch = (mode: string) => host.registry.dispatch('BeforeToolExecute', { mode }, { timeoutMs: 60_000 });
    expect(await dispatch('continue')).toMatchObject({ data: { mode: 'continue' } });
    expect(await dispatch('replace')).toMatchObject({ data: { replaced: true } });
    expect(await dispatch('veto')).toMatchObject({ vetoed: { pluginId: 'good-c', reason: 'asked to veto' } });
  });

  test('a channel connects, sends, receives and disconnects, and can be connected again', async () => {
    for (const round of [1, 2]) {
      const messages: unknown[] = [];
      const connection = await host.find('channel', 'loopback').connect({ onMessage: (message) => void messages.push(message) });
      expect(await connection.send({ round })).toEqual({ sent: true });
      await connection.disconnect();
      expect(messages).toContainEqual({ round });
      expect(await errorOf(connection.send({}))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
    }
  });

  test('what a channel took before it was disconnected arrives, however slow its receiver', async () => {
    const messages: unknown[] = [];
    const onMessage = async (message: unknown): Promise<void> => {
      await pause(5);
      if (!('text' in (message as object))) messages.push(message);
    };
    const connection = await host.find('channel', 'loopback').connect({ onMessage });
    for (let i = 0; i < 20; i++) await connection.send({ i });
    await connection.disconnect();
    expect(messages).toEqual(Array.from({ length: 20 }, (_, i) => ({ i })));
  });

  test('a provider lists models and chats in deltas', async () => {
    const parrot = host.find('provider', 'parrot');
    expect(await parrot.models()).toEqual([{ id: 'parrot-1' }]);
    const deltas: unknown[] = [];
    const request = { messages: [{ role: 'user', content: 'polly wants a cracker' }] };
    const answer = await parrot.chat(request, { onDelta: (delta) => void deltas.push(delta) });
    expect(answer).toEqual({ role: 'assistant', content: 'polly wants a cracker' });
    expect(deltas).toEqual(['polly', 'wants', 'a', 'cracker'].map((content) => ({ content })));
  });

  test('logs come with its level and id', async () => {
    for (const [level, name] of ['debug', 'info', 'warn', 'error'].entries()) {
      await host.tool('log').call({ level: level + 1, message: `a ${name} line` });
    }
    await until(() => host.log.length >= 4);
    expect(host.log).toEqual(['debug', 'info', 'warn', 'error'].map((level) => ({ level, message: `a ${level} line`, pluginId: 'good-c' })));
  });

  test('a log line is one line, and moves no cursor', async () => {
    await host.tool('log').call({ level: 2, message: 'a\u2028b\u0085c\u009b2J\u202ed\u007fé' });
    await until(() => host.log.length > 0);
    expect(host.log[0]?.message).toBe('a\\u2028b\\u0085c\\u009b2J\\u202ed\\u007fé');
  });

  test('its data folder is its own', async () => {
    expect(await host.tool('data_file').call({})).toEqual({ file: 'written.txt' });
    expect(readFileSync(path.join(dataDir, 'good-c', 'written.txt'), 'utf8')).toBe('written by good-c\n');
  });

  test('a configuration arrives at init and on reconfigure; one that is refused changes nothing', async () => {
    const other = await openIn(home, ['good-c'], { configOf: () => ({ greeting: 'welcome' }) });
    const config = (): Promise<unknown> => other.tool('config').call({});
    expect(await config()).toEqual({ greeting: 'welcome' });
    await other.plugin('good-c').reconfigure?.({ greeting: 'salve' });
    expect(await config()).toEqual({ greeting: 'salve' });
    const error = await errorOf(Promise.resolve(other.plugin('good-c').reconfigure?.({ greeting: '' })));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', reason: 'greeting must not be empty', pluginId: 'good-c' });
    expect(await config()).toEqual({ greeting: 'salve' });
  });

  describe('life', () => {
    test('shutdown ends what is open, and nothing can be invoked afterwards', async () => {
      const other = await openIn(home, ['good-c']);
      const tool = other.tool('pending');
      const open = [errorOf(tool.call({ ms: 20_000 })), errorOf(other.tool('wait_cancel').call({}))];
      await pause(50);
      await other.registry.shutdownAll();
      for (const error of await Promise.all(open)) expect(error).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
      expect(await errorOf(tool.call({ ms: 1 }))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' });
    });

    test('a lifecycle call out of order is refused', async () => {
      const plugin = await loadIn(home, 'good-c');
      const context = { config: {}, dataDir: temporaryFolder(), hostVersion: '1.0.0', logger: console };
      expect(await errorOf(Promise.resolve(plugin.init(context)))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', expected: 'registered', found: 'loaded' });
      await plugin.shutdown();
      expect(await errorOf(Promise.resolve(plugin.shutdown()))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'retired' });
    });

    test.each([
      ['init-fails', { code: 'ERR_INIT_FAILED', status: 'FAILED', step: 'init' }],
      ['register-fails', { code: 'ERR_REGISTER_FAILED', status: 'FAILED', step: 'register' }],
      ['init-unknown-status', { code: 'ERR_INIT_FAILED', status: 'a broken reply', reason: expect.stringContaining('status -12345') }],
      ['register-unknown-status', { code: 'ERR_REGISTER_FAILED', status: 'a broken reply', reason: expect.stringContaining('status -12345') }],
      ['register-twice', { code: 'ERR_CAPABILITY_DUPLICATE', winner: 'this same plugin' }],
      ['extra-undeclared', { code: 'ERR_CAPABILITY_UNDECLARED', kind: 'tool' }],
      ['create-null', { code: 'ERR_CREATE_FAILED', reason: 'returned NULL', step: 'create' }],
      ['id-mismatch', { code: 'ERR_ID_MISMATCH', step: 'create' }],
      ['vtable-too-small', { code: 'ERR_INVALID_PLUGIN', member: 'size' }],
      // The linker of Windows makes no such library.
      ...(process.platform === 'win32' ? [] : [['undefined-symbol', { code: 'ERR_UNDEFINED_SYMBOL', step: 'open' }] as const]),
      ['bad-abi-version', { code: 'ERR_ABI_MISMATCH' }],
      ['truncated', { code: 'ERR_LIBRARY_FORMAT', step: 'triage' }],
    ])('%s fails with its own error', async (id, expected) => {
      expect(await errorOf(openIn(home, [id]))).toMatchObject({ pluginId: id, ...expected });
    });

    test("another plugin's name is refused while it registers, so that it can act on the status", async () => {
      const crasher = await loadIn(home, 'crasher');
      const error = await errorOf(host.registry.register(crasher));
      expect(error).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', pluginId: 'crasher', kind: 'tool', capabilityName: 'pending', winner: 'plugin good-c' });
      expect(crasher.events).toContainEqual(expect.objectContaining({ step: 'register', message: expect.stringContaining('good-c') }));
    });

    test('a shutdown that fails says so', async () => {
      const other = await openIn(home, ['shutdown-fails']);
      const { failed } = await other.registry.shutdownAll();
      expect(failed).toMatchObject([{ error: { code: 'ERR_SHUTDOWN_FAILED', status: 'FAILED', pluginId: 'shutdown-fails' } }]);
    });

    test('a shutdown with an unknown status has failed', async () => {
      const other = await openIn(home, ['shutdown-unknown-status']);
      const { failed } = await other.registry.shutdownAll();
      expect(failed).toMatchObject([{ error: { code: 'ERR_SHUTDOWN_FAILED', reason: expect.stringContaining('status -12345') } }]);
    });
  });
});

/** Is in `running` until `signal` fires. */
function untilAborted(signal: AbortSignal, running: Set<AbortSignal>): Promise<void> {
  running.add(signal);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      running.delete(signal);
      resolve();
    });
  });
}

/** A plugin that is coming out of an invocation past its deadline refuses others in this process, and has them wait in a child. */
async function onceOut(call: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_PLUGIN_BUSY') throw error;
      await pause(5);
    }
  }
}
