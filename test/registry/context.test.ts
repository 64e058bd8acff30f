/** The context of calls among plugins in JavaScript, and in tracing messages. */
import { describe, expect, test } from '@jest/globals';
import { tracingChannel } from 'node:diagnostics_channel';
import type { InvocationParent } from '../../src/invocation/backend.js';
import type { InvocationContext } from '../../src/invocation/context.js';
import type { CallContext } from '../../src/capability/js/call-context.js';
import type { PluginApi } from '../../src/plugin/plugin.js';
import type { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { activate, found } from '../capability/active-plugin.js';

const CONTEXT = { agentId: 'a-1', tags: ['x'] };

interface Opened {
  readonly registry: PluginRegistry;
  /** The contexts that `target` was given. */
  readonly given: (InvocationContext | undefined)[];
}

/** `run` is the tool `source` of the plugin `caller`; `target` is a tool of another plugin. */
async function open(run: (api: PluginApi, context: CallContext) => Promise<unknown>): Promise<Opened> {
  const given: Opened['given'] = [];
  const registry = await activate([
    { id: 'callee', register: (api) => api.registerTool({ name: 'target', call: (_params, { context }) => void given.push(context) }) },
    { id: 'caller', register: (api) => api.registerTool({ name: 'source', call: (_params, context) => run(api, context) }) },
  ]);
  return { registry, given };
}

const call = (api: PluginApi, options: object): Promise<string> => api.callCapability('tool', 'target', 'call', '{}', options);

describe('a call of a plugin in JavaScript', () => {
  test('on behalf of its invocation carries the context, and no other', async () => {
    const { registry, given } = await open(async (api, { invocation }) => {
      await call(api, { parent: invocation });
      await call(api, { parent: invocation, context: { agentId: 'forged' } });
      await call(api, { parent: invocation, context: { ...CONTEXT, more: true } });
    });
    await found(registry, 'tool', 'source').call({}, { context: CONTEXT });
    expect(given).toEqual([CONTEXT, CONTEXT, CONTEXT]);
  });

  test('without a parent, or with one that is not an open invocation of this plugin, has none', async () => {
    const parents: InvocationParent[] = [];
    const { registry, given } = await open(async (api, { invocation }) => {
      parents.push(invocation);
      const forged = { pluginId: 'caller', inside: false, parent: undefined, context: CONTEXT };
      await call(api, { context: CONTEXT });
      await call(api, { parent: forged, context: CONTEXT });
      await call(api, { parent: Object.create(invocation) as InvocationParent, context: CONTEXT });
      if (parents[0] !== invocation) await call(api, { parent: parents[0] }); // it is over
    });
    for (let round = 0; round < 2; round++) await found(registry, 'tool', 'source').call({}, { context: CONTEXT });
    expect(given).toEqual(Array.from({ length: 7 }, () => undefined));
  });

  test('on behalf of the invocation of another plugin has none', async () => {
    let other: InvocationParent | undefined;
    const given: unknown[] = [];
    let api: PluginApi | undefined;
    const registry = await activate([
      { id: 'callee', register: (its) => its.registerTool({ name: 'target', call: (_params, { context }) => void given.push(context) }) },
      { id: 'thief', register: (its) => void (api = its) },
      {
        id: 'owner',
        register: (its) =>
          its.registerTool({
            name: 'open',
            call: async (_params, { invocation }) => {
              other = invocation;
              await call(api!, { parent: other });
              await call(its, { parent: other });
            },
          }),
      },
    ]);
    await found(registry, 'tool', 'open').call({}, { context: CONTEXT });
    expect(given).toEqual([undefined, CONTEXT]);
  });

  test('through a handle of the host carries it too, unless the host gives another', async () => {
    const { registry, given } = await open(async (_api, { invocation }) => {
      await found(registry, 'tool', 'target').call({}, { parent: invocation });
      await found(registry, 'tool', 'target').call({}, { parent: invocation, context: { agentId: 'b' } });
    });
    await found(registry, 'tool', 'source').call({}, { context: CONTEXT });
    expect(given).toEqual([CONTEXT, { agentId: 'b' }]);
  });
});

test('a plugin gets a copy that nobody can change', async () => {
  const { registry, given } = await open((api, { invocation }) => call(api, { parent: invocation }));
  const context = structuredClone(CONTEXT);
  await found(registry, 'tool', 'source').call({}, { context });
  context.tags.push('later');
  expect(given).toEqual([CONTEXT]);
  expect(Object.isFrozen(given[0])).toBe(true);
  expect(Object.isFrozen(given[0]?.tags)).toBe(true);
  expect(Object.isFrozen(context)).toBe(false);
});

test('every handler of a hook gets it', async () => {
  const given: unknown[] = [];
  const handler = (id: string) => ({ id, register: (api: PluginApi) => api.registerHook({ name: 'OnSessionEnd', handle: (_data, { context }) => void given.push(context) }) });
  const registry = await activate([handler('one'), handler('two')]);
  await registry.dispatch('OnSessionEnd', {}, { context: CONTEXT });
  await registry.dispatch('OnSessionEnd', {});
  expect(given).toEqual([CONTEXT, CONTEXT, undefined, undefined]);
});

/** The messages of the channel that say that something begins, while `run` runs. */
async function hear(name: string, run: () => Promise<void>): Promise<Readonly<Record<string, unknown>>[]> {
  const heard: Readonly<Record<string, unknown>>[] = [];
  const nothing = (): void => undefined;
  const subscribers = { start: (message: unknown) => void heard.push({ ...(message as object) }), end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing };
  const channel = tracingChannel(name);
  channel.subscribe(subscribers);
  try {
    await run();
  } finally {
    channel.unsubscribe(subscribers);
  }
  return heard;
}

test('tracing messages have it, also those of calls among plugins; without one they have no such member', async () => {
  const { registry } = await open((api, { invocation }) => call(api, { parent: invocation }));
  const heard = await hear('aisopod-plugin:invoke', async () => {
    await found(registry, 'tool', 'source').call({}, { context: CONTEXT });
    await found(registry, 'tool', 'source').call({});
  });
  expect(heard.map(({ name, context }) => [name, context])).toEqual([
    ['source', CONTEXT],
    ['target', CONTEXT],
    ['source', undefined],
    ['target', undefined],
  ]);
  expect(heard.map((message) => 'context' in message)).toEqual([true, true, false, false]);
});

test('so do those of a dispatch', async () => {
  const { registry } = await open(() => Promise.resolve());
  const heard = await hear('aisopod-plugin:dispatch', async () => {
    await registry.dispatch('OnSessionEnd', {}, { context: CONTEXT });
    await registry.dispatch('OnSessionEnd', {});
  });
  expect(heard).toEqual([{ hook: 'OnSessionEnd', data: {}, context: CONTEXT }, { hook: 'OnSessionEnd', data: {} }]);
});
