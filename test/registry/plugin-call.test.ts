import { describe, expect, test } from '@jest/globals';
import type { CapabilityKind } from '../../src/abi/constants.js';
import type { InvocationParent } from '../../src/invocation/backend.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { PluginApi } from '../../src/plugin/plugin.js';
import type { PluginRegistry } from '../../src/registry/plugin-registry.js';
import type { PluginRegistryOptions } from '../../src/registry/registry-options.js';
import { activate, found } from '../capability/active-plugin.js';
import { errorOf, openHost } from '../support/host.js';

const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

/** Offers one of each kind. */
const callee = (entered: string[]): PluginDefinition => ({
  id: 'callee',
  register(api) {
    api.registerTool({ name: 'forecast', parameters: CITY, call: (params) => (entered.push('tool'), params) });
    api.registerCommand({ name: 'ship', run: () => void entered.push('command') });
    api.registerHook({ name: 'OnSessionEnd', handle: () => void entered.push('hook') });
    api.registerChannel({ name: 'wire', start: () => Promise.resolve(), send: (message) => message });
    api.registerProvider({ name: 'ai', models: () => [{ id: 'ai-1' }], chat: () => ({}) });
  },
});

interface Caller {
  readonly registry: PluginRegistry;
  readonly entered: string[];
  readonly call: (kind: CapabilityKind, name: string, method: string, input: string) => Promise<string>;
}

async function openCaller(options: Partial<PluginRegistryOptions> = {}): Promise<Caller> {
  let api: PluginApi | undefined;
  const entered: string[] = [];
  const caller: PluginDefinition = { id: 'caller', register: (given) => { api = given; } };
  const registry = await activate([callee(entered), caller], options);
  const call: Caller['call'] = (kind, name, method, input) => {
    if (api === undefined) throw new Error('not registered');
    return api.callCapability(kind, name, method, input, {});
  };
  return { registry, entered, call };
}

describe('one plugin calls another', () => {
  test('tools and providers by default', async () => {
    const { call } = await openCaller();
    expect(await call('tool', 'forecast', 'call', '{"city":"Oslo"}')).toBe('{"city":"Oslo"}');
    expect(await call('provider', 'ai', 'models', '{}')).toBe('[{"id":"ai-1"}]');
  });

  test.each(['{"city":5}', '{', ''])('parameters that do not fit the schema never reach the tool: %j', async (input) => {
    const { call, entered } = await openCaller();
    expect(await errorOf(call('tool', 'forecast', 'call', input))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', capability: 'tool forecast' });
    expect(entered).toEqual([]);
  });

  test('never a command or a hook, whatever the host allows; a channel where it allows that', async () => {
    const { call, entered } = await openCaller({ mayCall: () => true });
    expect(await errorOf(call('command', 'ship', 'run', '{"argv":[]}'))).toMatchObject({ code: 'ERR_CALL_DENIED', caller: 'plugin caller', capability: 'command ship' });
    expect(await errorOf(call('hook', 'OnSessionEnd', 'handle', '{}'))).toMatchObject({ code: 'ERR_CALL_DENIED' });
    expect(entered).toEqual([]);
    expect(await call('channel', 'wire', 'send', '"hi"')).toBe('"hi"');
    expect(await errorOf((await openCaller()).call('channel', 'wire', 'send', '"hi"'))).toMatchObject({ code: 'ERR_CALL_DENIED' });
  });

  test('the host decides by caller, kind and name', async () => {
    const asked: unknown[] = [];
    const { call } = await openCaller({ mayCall: (...question) => { asked.push(question); return false; } });
    expect(await errorOf(call('tool', 'forecast', 'call', '{"city":"Oslo"}'))).toMatchObject({ code: 'ERR_CALL_DENIED', caller: 'plugin caller' });
    expect(asked).toEqual([['caller', 'tool', 'forecast']]);
  });

  test.each([
    ['a promise of a yes', () => Promise.resolve(true)],
    ['a promise of a no', () => Promise.resolve(false)],
    ['a promise that is not kept', () => Promise.reject(new Error('no'))],
    ['a word', () => 'no'],
  ])('anything but a plain yes is a no: %s', async (_what, answer) => {
    const { call, entered } = await openCaller({ mayCall: answer as unknown as () => boolean });
    const error = await errorOf(call('tool', 'forecast', 'call', '{"city":"Oslo"}'));
    expect(error).toMatchObject({ code: 'ERR_CALL_DENIED', caller: 'plugin caller' });
    expect(error.toJSON().cause).toBe(_what.startsWith('a promise') ? 'mayCall returned a promise; it must return true or false' : undefined);
    expect(entered).toEqual([]);
  });

  test('what is not there, and a method that it does not have', async () => {
    const { call } = await openCaller();
    expect(await errorOf(call('tool', 'nobody', 'call', '{}'))).toMatchObject({ code: 'ERR_CAPABILITY_NOT_FOUND', capability: 'tool nobody' });
    for (const method of ['chat', 'constructor', '__proto__', '']) {
      const error = await errorOf(call('tool', 'forecast', method, '{"city":"Oslo"}'));
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'UNSUPPORTED', reason: `it has no method "${method}"` });
    }
  });

  test('not inside register, nor after shutdown; from init on it may', async () => {
    let api: PluginApi | undefined;
    const registry = await activate([callee([])]);
    const early: unknown[] = [];
    const forecast = (): Promise<string> | undefined => api?.callCapability('tool', 'forecast', 'call', '{"city":"Oslo"}', {});
    await registry.register(
      definePlugin({
        id: 'caller',
        async register(given) {
          api = given;
          early.push(await errorOf(forecast()));
        },
        init: async () => void early.push(await forecast()),
      }),
    );
    await registry.initAll();
    expect(early).toMatchObject([{ code: 'ERR_LIFECYCLE_STATE', pluginId: 'caller', found: 'registering' }, '{"city":"Oslo"}']);
    await registry.shutdown('caller');
    expect(await errorOf(forecast())).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'retired' });
  });

  test('the chain of calls is there to be seen', async () => {
    const chains: string[][] = [];
    const chainOf = (last: InvocationParent): string[] => {
      const ids: string[] = [];
      for (let at: InvocationParent | undefined = last; at !== undefined; at = at.parent) ids.push(at.pluginId);
      return ids;
    };
    const registry = await activate([
      { id: 'inner', register: (api) => api.registerTool({ name: 'inner', call: (_params, { invocation }) => void chains.push(chainOf(invocation)) }) },
      {
        id: 'outer',
        register: (api) =>
          api.registerTool({ name: 'outer', call: (_params, { invocation }) => api.callCapability('tool', 'inner', 'call', '{}', { parent: invocation }) }),
      },
    ]);
    await found(registry, 'tool', 'outer').call({});
    expect(chains).toEqual([['inner', 'outer']]);
  });
});

test('calls nest sixteen deep and no deeper, so that a circle ends', async () => {
  let depth = 0;
  const registry = await activate([
    {
      id: 'circle',
      register: (api) =>
        api.registerTool({
          name: 'again',
          call(_params, { invocation }) {
            depth++;
            return api.callCapability('tool', 'again', 'call', '{}', { parent: invocation });
          },
        }),
    },
  ]);
  const error = await errorOf(found(registry, 'tool', 'again').call({}));
  expect(error.message).toContain('calls nest 16 deep already');
  expect(depth).toBe(16);
});

describe('a native plugin calls', () => {
  test('a tool in JavaScript, by the same rules', async () => {
    const { registry } = await openHost(['good-c']);
    await registry.register(definePlugin(callee([])));
    await registry.initAll();
    expect(await found(registry, 'tool', 'host_call').call({ name: 'forecast', input: { city: 'Oslo' } })).toEqual({ city: 'Oslo' });
    const refused = await errorOf(found(registry, 'tool', 'host_call').call({ name: 'forecast', input: { city: 5 } }));
    expect(refused).toMatchObject({ code: 'ERR_INVOCATION_FAILED', pluginId: 'good-c', status: 'INVALID' });
    expect(refused.message).toContain('parameters at /city: expected a string, found 5');
    expect(await errorOf(found(registry, 'tool', 'host_call').call({ name: 'nobody' }))).toMatchObject({ status: 'NOT_FOUND' });
  });

  test('and is called by one in JavaScript', async () => {
    const { registry } = await openHost(['good-c']);
    await registry.register(
      definePlugin({
        id: 'plain',
        register: (api) =>
          api.registerTool({
            name: 'ask',
            call: async (params, { invocation }) =>
              JSON.parse(await api.callCapability('tool', 'echo', 'call', JSON.stringify(params), { parent: invocation })) as unknown,
          }),
      }),
    );
    await registry.initAll();
    expect(await found(registry, 'tool', 'ask').call({ a: 1 })).toEqual({ a: 1 });
  });
});
