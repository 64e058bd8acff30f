import { describe, expect, test } from '@jest/globals';
import type { Tool } from '../../src/capability/kinds/tool.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { Plugin, PluginApi } from '../../src/plugin/plugin.js';
import { activate, activePlugin, answering, found, gate, newRegistry } from '../capability/active-plugin.js';
import { errorOf } from '../support/host.js';

const generation = (register: (api: PluginApi) => void, more: Partial<PluginDefinition> = {}): Plugin => definePlugin({ id: 'plain', register, ...more });

/** A tool `who` that says which generation answers, and what else is given. */
const who = (answer: number, more: object = {}) => (api: PluginApi): void =>
  api.registerTool({ name: 'who', description: `generation ${answer}`, call: () => answer, ...more });

const schema = (required: string) => ({ parameters: { type: 'object', required: [required] } });

/** A tool `fast` of the same answer, on this thread. */
const fast = (answer: number) => (api: PluginApi): void =>
  api.registerCapability({ kind: 'tool', name: 'fast', description: '', spec: undefined }, { ...answering(String(answer)), invokeSync: () => String(answer) });

describe('a handle', () => {
  test('is the same object each time it is asked for, of every kind', async () => {
    const registry = await activePlugin((api) => {
      api.registerTool({ name: 'same', call: () => 1 });
      api.registerCommand({ name: 'same', run: () => 0 });
      api.registerChannel({ name: 'same', start: () => Promise.resolve(), send: () => null });
      api.registerProvider({ name: 'same', models: () => [], chat: () => ({}) });
      api.registerHook({ name: 'OnSessionEnd', handle: () => undefined });
    });
    for (const kind of ['tool', 'command', 'channel', 'provider'] as const) {
      expect(found(registry, kind, 'same')).toBe(found(registry, kind, 'same'));
      expect(registry.capabilities(kind)).toEqual([found(registry, kind, 'same')]);
      expect(registry.capabilities(kind)[0]).toBe(found(registry, kind, 'same'));
    }
    expect(registry.capabilities('hook')[0]).toBe(registry.capabilities('hook')[0]);
  });

  test('shows what the plugin registered, in a spread and in JSON too, and its methods may be taken off', async () => {
    const registry = await activePlugin(who(1, schema('a')));
    const tool = found(registry, 'tool', 'who');
    const shown = { pluginId: 'plain', name: 'who', description: 'generation 1', result: 'json', ...schema('a') };
    expect(tool).toMatchObject(shown);
    expect({ ...tool }).toMatchObject(shown);
    expect(JSON.parse(JSON.stringify(tool))).toEqual(shown);
    const taken = { ...tool };
    expect([await taken.call({ a: 1 }), await taken.callRaw('{}')]).toEqual([1, '1']);
    expect(() => taken.validate({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS' }));
  });

  test('works again when its plugin comes back, as that is then; meanwhile it refuses and shows what was last', async () => {
    const registry = await activate([{ id: 'plain', register: (api) => { who(1)(api); fast(1)(api); } }]);
    const [tool, quick] = [found(registry, 'tool', 'who'), found(registry, 'tool', 'fast')];
    expect([await tool.call({}), quick.syncRaw?.('{}')]).toEqual([1, '1']);
    await registry.shutdown('plain');
    expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'plain', capability: 'tool who', state: 'retired' });
    expect(() => quick.syncRaw?.('{}')).toThrow(expect.objectContaining({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' }));
    expect([tool.description, registry.find('tool', 'who')]).toEqual(['generation 1', undefined]);
    await registry.register(generation(who(2, schema('b'))));
    await registry.init('plain');
    expect([tool.description, await tool.call({ b: 1 })]).toEqual(['generation 2', 2]);
    expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(found(registry, 'tool', 'who')).toBe(tool);
    expect(await errorOf(quick.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' }); // not registered this time
  });

  test('stays with its plugin: a name that another one has taken needs a new find', async () => {
    const registry = await activePlugin(who(1));
    const old = found(registry, 'tool', 'who');
    await registry.shutdown('plain');
    await registry.register(definePlugin({ id: 'other', register: who(2) }));
    await registry.init('other');
    expect(await errorOf(old.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'plain' });
    expect([found(registry, 'tool', 'who').pluginId, await found(registry, 'tool', 'who').call({})]).toEqual(['other', 2]);
  });

  test('a command, hook, channel and provider go to the present generation as well', async () => {
    const all = (answer: number) => (api: PluginApi): void => {
      api.registerCommand({ name: 'c', usage: `c ${answer}`, run: () => answer });
      api.registerHook({ name: 'BeforeAgentRun', handle: () => ({ action: 'replace', value: answer }) });
      api.registerChannel({ name: 'h', description: `channel ${answer}`, start: () => new Promise(() => undefined), send: () => answer });
      api.registerProvider({ name: 'p', models: () => [{ id: String(answer) }], chat: () => ({ answer }) });
    };
    const registry = await activePlugin(all(1));
    const [command, channel, provider] = [found(registry, 'command', 'c'), found(registry, 'channel', 'h'), found(registry, 'provider', 'p')];
    await registry.replace(generation(all(2)));
    expect([command.usage, (await command.run([])).exitCode]).toEqual(['c 2', 2]);
    expect(await registry.dispatch('BeforeAgentRun', {})).toMatchObject({ data: 2, outcomes: [{ pluginId: 'plain' }] });
    const connection = await channel.connect({ onMessage: () => undefined });
    expect([channel.description, await connection.send('hello')]).toEqual(['channel 2', 2]);
    await connection.disconnect();
    expect([await provider.models(), await provider.chat({})]).toEqual([[{ id: '2' }], { answer: 2 }]);
  });
});

describe('two generations of one plugin', () => {
  test('are up side by side with the same names; calls go to the first until the second is ready', async () => {
    const [ready, ended] = [gate(), gate()];
    const events: string[] = [];
    const registry = await activate([
      { id: 'before', register: (api) => api.registerTool({ name: 'a', call: () => 0 }) },
      { id: 'plain', register: who(1), shutdown: async () => { events.push('first ends'); await ended.promise; } },
      { id: 'after', register: (api) => api.registerTool({ name: 'z', call: () => 0 }) },
    ]);
    const tool = found(registry, 'tool', 'who');
    const swap = registry.replace(generation(who(2), { init: async () => { events.push('second starts'); await ready.promise; } }));
    while (events.length === 0) await new Promise(setImmediate);
    expect([await tool.call({}), tool.description, registry.stateOf('plain')]).toMatchObject([1, 'generation 1', { generation: 1, state: 'active' }]);
    expect(await errorOf(registry.register(definePlugin({ id: 'thief', register: who(3) })))).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', winner: 'plugin plain' });
    ready.open();
    while (events.length === 1) await new Promise(setImmediate);
    expect(events).toEqual(['second starts', 'first ends']);
    expect([await tool.call({}), tool.description, registry.stateOf('plain')]).toMatchObject([2, 'generation 2', { generation: 2, state: 'active' }]);
    ended.open();
    await swap;
    expect(await tool.call({})).toBe(2);
    expect(registry.list().map(({ id }) => id)).toEqual(['before', 'plain', 'after']);
    expect(registry.capabilities('tool').map(({ name }) => name)).toEqual(['a', 'who', 'z']);
    expect(await errorOf(registry.register(definePlugin({ id: 'thief', register: who(3) })))).toMatchObject({ winner: 'plugin plain' });
  });

  test('are swapped under concurrent calls, again and again, without one error', async () => {
    const slow = (answer: number) => (api: PluginApi): void => {
      who(answer)(api);
      fast(answer)(api);
    };
    const registry = await activePlugin(slow(1));
    const caller = definePlugin({ id: 'caller', register: (api) => api.registerTool({ name: 'relay', call: async (_params, { invocation }) => JSON.parse(await api.callCapability('tool', 'who', 'call', '{}', { parent: invocation })) as number }) });
    await registry.register(caller);
    await registry.init('caller');
    const [tool, quick, relay] = [found(registry, 'tool', 'who'), found(registry, 'tool', 'fast'), found(registry, 'tool', 'relay')];
    let isOver = false;
    const answers = new Set<unknown>();
    const calling = async (handle: Tool): Promise<number> => {
      let calls = 0;
      for (; !isOver; calls++) {
        const present = registry.stateOf('plain')?.generation;
        const before = quick.syncRaw?.('{}');
        expect(before).toBe(String(present));
        answers.add(await handle.call({}));
        await new Promise(setImmediate);
      }
      return calls;
    };
    const callers = [tool, relay, tool, relay].map(calling);
    for (let next = 2; next <= 12; next++) {
      await new Promise(setImmediate);
      await registry.replace(generation(slow(next)));
      expect([await tool.call({}), await relay.call({}), tool.description]).toEqual([next, next, `generation ${next}`]);
    }
    isOver = true;
    for (const calls of await Promise.all(callers)) expect(calls).toBeGreaterThan(10);
    expect([...answers].every((answer) => typeof answer === 'number')).toBe(true);
    expect([found(registry, 'tool', 'who'), registry.stateOf('plain')?.generation]).toEqual([tool, 12]);
  });

  test('what is still open in the old one ends with its shutdown, as in every shutdown', async () => {
    const registry = await activePlugin((api) => api.registerTool({ name: 'who', call: () => new Promise(() => undefined) }));
    const tool = found(registry, 'tool', 'who');
    const open = errorOf(tool.call({}));
    await registry.replace(generation(who(2)));
    expect(await open).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
    expect(await tool.call({})).toBe(2);
  });

  test.each([
    ['register', { register: () => { throw new Error('no'); } }, 'ERR_REGISTER_FAILED'],
    ['init', { register: who(2), init: () => { throw new Error('no'); } }, 'ERR_INIT_FAILED'],
  ] as const)('a next one whose %s fails leaves the present one as it is', async (_step, more, code) => {
    const registry = await activePlugin(who(1));
    const tool = found(registry, 'tool', 'who');
    expect(await errorOf(registry.replace(definePlugin({ id: 'plain', ...more })))).toMatchObject({ code, pluginId: 'plain' });
    expect([await tool.call({}), registry.stateOf('plain')]).toMatchObject([1, { generation: 1, state: 'active' }]);
    await registry.replace(generation(who(3)));
    expect([await tool.call({}), registry.stateOf('plain')]).toMatchObject([3, { generation: 3, state: 'active' }]);
  });

  test('a next one needs an active plugin of its id, and both end with shutdown', async () => {
    const registry = newRegistry();
    const refusal = { code: 'ERR_LIFECYCLE_STATE', pluginId: 'plain', operation: 'replace', expected: 'active' };
    expect(await errorOf(registry.replace(generation(who(1))))).toMatchObject({ ...refusal, found: 'not registered' });
    await registry.register(generation(who(1)));
    expect(await errorOf(registry.replace(generation(who(2))))).toMatchObject({ ...refusal, found: 'registered' });
    await registry.init('plain');
    const [ready, ended] = [gate(), [] as number[]];
    let isInInit = false;
    const swap = registry.replace(generation(who(2), { init: () => { isInInit = true; return ready.promise; }, shutdown: () => void ended.push(2) }));
    while (!isInInit) await new Promise(setImmediate);
    const down = registry.shutdown('plain');
    ready.open();
    await Promise.all([down, swap]);
    expect([ended, registry.list(), registry.find('tool', 'who')]).toEqual([[2], [], undefined]);
  });
});
