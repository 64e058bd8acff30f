/** The context of a call: it reaches the plugin in every home, and goes on to what the plugin calls on behalf of it. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { InvocationError } from '../../src/errors/index.js';
import type { InvocationContext } from '../../src/invocation/context.js';
import type { Invocation } from '../../src/invocation/invocation.js';
import { ProcessLoader } from '../../src/isolation/proxy/process-loader.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { temporaryFolder } from '../support/fixtures.js';
import { candidateOf, errorOf, loaderOf, until } from '../support/host.js';
import { addTool, onInvoke, openFake } from './fake.js';
import { openIn, type HomeHost } from './homes.js';

const CONTEXT = {
  agentId: 'a-1',
  sessionKey: 'main:"é 漢 😀\\\n',
  requestId: '',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hostsOwn: { list: [1, null, { deep: true }] },
};
/** As large as a context may be. */
const LARGEST = { text: 'x'.repeat(65_536 - '{"text":""}'.length) };
const NOTHING = { context: null, isTerminated: true };
const told = (context: unknown) => ({ context, isTerminated: true });

/**
 * While good-c asks a plugin of the host, context-reader calls `own` on behalf of good-c's invocation, and then of the host's plugin's.
 * Returns the statuses that it gets.
 */
async function claimsOfOthers(registry: PluginRegistry): Promise<unknown[]> {
  const statuses: unknown[] = [];
  const claim = async (parent: number): Promise<void> => {
    const error = await errorOf(registry.tool('ask')?.call({ tool: 'own', parent }));
    statuses.push(error instanceof InvocationError && error.code === 'ERR_INVOCATION_FAILED' ? error.status : error);
  };
  const accomplice = definePlugin({
    id: 'accomplice',
    register: (api) =>
      api.registerTool({
        name: 'accomplice',
        async call(_params, { invocation }) {
          const { id, parent } = invocation as Invocation;
          await claim((parent as Invocation).id);
          await claim(id);
        },
      }),
  });
  await registry.register(accomplice);
  await registry.init('accomplice');
  await registry.tool('host_call')?.call({ name: 'accomplice', input: {} }, { context: CONTEXT });
  return statuses;
}

describe.each(['in-process', 'process', 'socket'] as const)('%s', (home) => {
  let host: HomeHost;
  /** What a tool of the host was given. */
  const given: unknown[] = [];
  beforeAll(async () => {
    host = await openIn(home, ['context-reader', 'good-c']);
    const own = definePlugin({
      id: 'own',
      register: (api) => api.registerTool({ name: 'own', call: (_params, { context }) => (given.push(context), { context: context ?? null }) }),
    });
    await host.registry.register(own);
    await host.registry.init('own');
  });

  test.each(['context', 'context_inline', 'context_later'])('a tool gets it with its parameters, and nothing if there is none: %s', async (name) => {
    const tool = host.tool(name);
    expect(await tool.call({})).toEqual(NOTHING);
    for (const context of [CONTEXT, {}, LARGEST]) {
      expect(await tool.call({}, { context })).toEqual(told(context));
      expect(JSON.parse(await tool.callRaw('{}', { context }))).toEqual(told(context));
    }
    expect(await tool.call({})).toEqual(NOTHING);
    expect(tool.sync?.({})).toEqual(tool.sync && NOTHING);
  });

  test('it goes with inputs of any size, also the largest', async () => {
    for (const length of [0, 1, 7, 4095, 21_800, 21_845, 65_536, 1 << 20]) {
      const answer = await host.tool('context').call({ text: 'é'.repeat(length) }, { context: LARGEST });
      expect(answer).toEqual(told(LARGEST));
      expect(await host.tool('context').call({ text: 'é'.repeat(length) })).toEqual(NOTHING);
    }
  });

  test('each of many calls at once has its own', async () => {
    const calls = Array.from({ length: 300 }, (_, i) => host.tool('context').call({}, i % 3 === 0 ? {} : { context: { requestId: `r-${i}` } }));
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => (i % 3 === 0 ? NOTHING : told({ requestId: `r-${i}` }))));
  });

  test('commands, hooks, channels and providers get it too', async () => {
    const options = { context: CONTEXT };
    const json = JSON.stringify(CONTEXT);
    expect(await host.find('command', 'context').run([], options)).toMatchObject({ stdout: json });
    expect(await host.registry.dispatch('BeforeToolExecute', {}, { ...options, timeoutMs: 60_000 })).toMatchObject({ data: { context: CONTEXT } });
    const provider = host.find('provider', 'context');
    expect(await provider.models(options)).toEqual([{ id: 'model', context: CONTEXT }]);
    expect(await provider.chat({}, options)).toEqual(told(CONTEXT));
    const messages: unknown[] = [];
    const connection = await host.find('channel', 'context').connect({ ...options, onMessage: (message) => void messages.push(message) });
    expect(await connection.send({}, { context: { agentId: 'other' } })).toEqual(told({ agentId: 'other' }));
    await connection.closed;
    expect(messages).toEqual([told(CONTEXT)]);
  });

  test('without it, they get none', async () => {
    expect(await host.find('command', 'context').run([])).toMatchObject({ stdout: '' });
    expect(await host.registry.dispatch('BeforeToolExecute', {}, { timeoutMs: 60_000 })).toMatchObject({ data: { context: null } });
    expect(await host.find('provider', 'context').models()).toEqual([{ id: 'model', context: null }]);
  });

  test('a key is read without a JSON library', async () => {
    const key = (name: string, context?: InvocationContext, capacity = 128) => host.tool('key').call({ name, capacity }, { context });
    expect(await key('sessionKey', CONTEXT)).toEqual({ status: 1, text: CONTEXT.sessionKey });
    expect(await key('requestId', CONTEXT)).toEqual({ status: 1, text: '' });
    expect(await key('agentId', CONTEXT, 4)).toEqual({ status: 1, text: 'a-1' });
    expect(await key('agentId', CONTEXT, 3)).toEqual({ status: -12, text: '' });
    expect(await key('hostsOwn', CONTEXT)).toEqual({ status: -2, text: '' });
    expect(await key('userId', { userId: 'root\0user' })).toEqual({ status: -2, text: '' });
    for (const context of [undefined, {}, { other: 'x' }, { deep: { userId: 'x' } }]) expect(await key('userId', context)).toEqual({ status: -15, text: '' });
  });

  describe('a call that the plugin makes', () => {
    test('on behalf of an invocation has the context of that invocation', async () => {
      for (const context of [CONTEXT, LARGEST]) {
        expect(await host.tool('ask').call({ tool: 'own' }, { context })).toEqual({ context });
        for (const name of ['context', 'context_inline', 'context_later']) {
          expect(await host.tool('host_call').call({ name, input: {} }, { context })).toEqual(told(context));
        }
      }
      expect(await host.tool('ask').call({ tool: 'own' })).toEqual({ context: null });
    });

    test('on behalf of none has none', async () => {
      expect(await host.tool('ask').call({ tool: 'own', parent: 0 }, { context: CONTEXT })).toEqual({ context: null });
    });

    test('on behalf of an open invocation of another plugin is refused, and that context goes nowhere', async () => {
      given.length = 0;
      expect(await claimsOfOthers(host.registry)).toEqual(['STALE', 'STALE']);
      expect(given).toEqual([]);
    });

    test('on behalf of an invocation that is not its own, or is over, is refused', async () => {
      given.length = 0;
      for (const parent of [1, 2 ** 40]) {
        const error = await errorOf(host.tool('ask').call({ tool: 'own', parent }, { context: CONTEXT }));
        expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'STALE' });
      }
      expect(given).toEqual([]);
    });
  });

  test('a context that cannot work is an error of the caller, which shows none of its values', async () => {
    const cyclic: Record<string, unknown> = { secret: 'hush' };
    cyclic.self = cyclic;
    let nested: object = {};
    for (let i = 0; i < 64; i++) nested = { nested };
    const wrong: readonly (readonly [unknown, string, string?])[] = [
      ['{"secret":"hush"}', 'an object'],
      [null, 'an object'],
      [5, 'an object'],
      [['hush'], 'an object'],
      [new Map([['secret', 'hush']]), 'an object'],
      [new Date(), 'an object'],
      [Promise.resolve({}), 'an object'],
      [() => ({}), 'an object'],
      [cyclic, 'an object that JSON can hold'],
      [{ secret: 5n }, 'an object that JSON can hold'],
      [{ toJSON: () => 'hush' }, 'an object that JSON can hold'],
      [{ toJSON: () => undefined }, 'an object that JSON can hold'],
      [{ text: `${LARGEST.text}x` }, 'at most 65536 bytes of JSON'],
      [{ text: 'é'.repeat(40_000) }, 'at most 65536 bytes of JSON'],
      [nested, 'at most 64 levels of lists and objects'],
      [{ agentId: 5 }, 'a string', 'context.agentId'],
      [{ workspace: null }, 'a string', 'context.workspace'],
    ];
    const calls: readonly ((context: never) => Promise<unknown>)[] = [
      (context) => host.tool('context').call({}, { context }),
      (context) => host.tool('context').callRaw('{}', { context }),
      (context) => host.find('command', 'context').run([], { context }),
      (context) => host.registry.dispatch('BeforeToolExecute', {}, { context }),
      (context) => host.find('provider', 'context').models({ context }),
      (context) => host.find('provider', 'context').chat({}, { context }),
      (context) => host.find('channel', 'context').connect({ context, onMessage: () => undefined }),
    ];
    for (const call of calls) {
      for (const [context, expected, option = 'context'] of wrong) {
        const error = await errorOf(call(context as never));
        expect(error).toMatchObject({ code: 'ERR_OPTIONS', option, expected });
        expect(error.message).not.toContain('hush');
      }
    }
  });

  test('what the caller does to its object afterwards changes nothing', async () => {
    const context: Record<string, unknown> = { agentId: 'before', nothing: undefined };
    const call = host.tool('context').call({}, { context });
    context.agentId = 'after';
    expect(await call).toEqual(told({ agentId: 'before' }));
  });

  test('no log line has it', async () => {
    await host.tool('ask').call({ tool: 'own' }, { context: { userId: 'hush' } });
    await errorOf(host.tool('ask').call({ tool: 'nobody' }, { context: { userId: 'hush' } }));
    expect(JSON.stringify(host.log)).not.toContain('hush');
  });
});

describe('a shared child', () => {
  async function open(transport: 'auto' | 'socket' = 'auto'): Promise<PluginRegistry> {
    const finder = loaderOf();
    const loader = new ProcessLoader({ hostVersion: '1.0.0', transport });
    const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data') });
    for (const id of ['context-reader', 'old-header', 'good-c']) {
      await registry.register(await loader.loadPlugin(await candidateOf(finder, id), undefined, 'shared'));
    }
    await registry.initAll();
    return registry;
  }

  test.each(['auto', 'socket'] as const)('a plugin cannot call on behalf of an invocation of another: transport %s', async (transport) => {
    await using registry = await open(transport);
    const given: unknown[] = [];
    await registry.register(definePlugin({ id: 'own', register: (api) => api.registerTool({ name: 'own', call: (_params, { context }) => void given.push(context) }) }));
    await registry.init('own');
    expect(await claimsOfOthers(registry)).toEqual(['STALE', 'STALE']);
    expect(given).toEqual([]);
  });

  test('each plugin gets the contexts of its own calls', async () => {
    const registry = await open();
    expect(await registry.tool('context')?.call({}, { context: LARGEST })).toEqual(told(LARGEST));
    expect(await registry.tool('host_call')?.call({ name: 'context', input: {} }, { context: CONTEXT })).toEqual(told(CONTEXT));
    expect(await registry.tool('host_call')?.call({ name: 'context', input: {} })).toEqual(NOTHING);
    expect(await registry.tool('sizes')?.call({}, { context: CONTEXT })).toEqual({ size: 88, status: -15 });
    await registry.shutdownAll();
  });
});

describe('a child that breaks the rules', () => {
  /** What the tool `own` of the host is given if the child sends this call. */
  async function givenBy(call: string): Promise<unknown[]> {
    const given: unknown[] = [];
    const host = await openFake(onInvoke(`send({ type: 'call', plugin: message.plugin, call: 1, kind: 'tool', name: 'own', method: 'call', inside: true, ${call} }, '{}');`));
    await addTool(host, 'own', (_params, { context }) => void given.push(context));
    void host.tool('echo').call({}, { context: CONTEXT }).catch(() => undefined);
    await until(() => given.length > 0);
    return given;
  }

  test('and names an invocation that it was not given has no context', async () => {
    expect(await givenBy('parent: id')).toEqual([CONTEXT]);
    expect(await givenBy('parent: id + 1')).toEqual([undefined]);
    expect(await givenBy('parent: 0')).toEqual([undefined]);
  });
});

describe('header version 1', () => {
  test.each(['in-process', 'process', 'socket'] as const)('a plugin that was compiled with it loads, and a request of it has no context: %s', async (home) => {
    const host = await openIn(home, ['old-header']);
    expect(await host.tool('sizes').call({}, { context: CONTEXT })).toEqual({ size: 88, status: -15 });
  });
});

describe('after a restart of its process', () => {
  test('a channel is started again with its context', async () => {
    const host = await openIn('process', ['context-reader'], { restart: { firstPauseMs: 20 } });
    const messages: unknown[] = [];
    const connection = await host.find('channel', 'context').connect({ context: CONTEXT, onMessage: (message) => void messages.push(message) });
    await until(() => messages.length === 1);
    process.kill(host.remote('context-reader').pid ?? 0, 'SIGKILL');
    await until(() => messages.length === 2);
    await connection.send({});
    await connection.closed;
    expect(messages).toEqual([told(CONTEXT), told(CONTEXT)]);
  });
});
