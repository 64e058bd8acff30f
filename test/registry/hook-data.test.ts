import { expect, test } from '@jest/globals';
import type { HookDataTypes } from '../../src/payloads/hook-data.js';
import { HOOK_PAYLOADS } from '../../src/payloads/hooks.js';
import { HOOK_NAMES, type HookName } from '../../src/manifest/index.js';
import { activate, activePlugin, found } from '../capability/active-plugin.js';
import { errorOf } from '../support/host.js';

test.each(HOOK_NAMES)('%s: the example reaches the handler as it is, with what the host adds', async (name) => {
  const seen: unknown[] = [];
  const registry = await activate([{ id: 'watch', register: (api) => api.registerHook({ name, handle: (data) => void seen.push(data) }) }]);
  const data = { ...HOOK_PAYLOADS[name].example, xOwn: [1] };
  expect(await registry.dispatch(name, data)).toMatchObject({ data, outcomes: [{ action: 'continue' }] });
  expect(seen).toEqual([data]);
});

test.each<[HookName, unknown, string, string]>([
  ['BeforeToolExecute', { tool: 5 }, '/tool', 'a string'],
  ['AfterToolExecute', { isError: 'no' }, '/isError', 'a boolean'],
  ['BeforeAgentRun', { messages: [{ role: 'robot' }] }, '/messages/0/role', 'one of system, user, assistant, tool'],
  ['OnGatewayStart', [], '', 'an object'],
  ['OnSessionEnd', 'text', '', 'an object'],
])('%s: data that does not fit is the mistake of the host, whether or not anyone handles it', async (name, data, pointer, expected) => {
  let ran = 0;
  const handling = await activate([{ id: 'watch', register: (api) => api.registerHook({ name, handle: () => void ran++ }) }]);
  for (const registry of [handling, await activate([])]) {
    expect(await errorOf(registry.dispatch(name, data))).toMatchObject({ name: 'InvocationError', code: 'ERR_INVALID_PARAMETERS', capability: `hook ${name}`, pointer, expected });
  }
  expect(ran).toBe(0);
});

test('data that cannot be read is a typed error too', async () => {
  const data = {
    get tool(): string {
      throw new Error('gone');
    },
  };
  expect(await errorOf((await activate([])).dispatch('BeforeToolExecute', data))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', found: 'gone' });
});

test('a chat request that does not fit never reaches the provider', async () => {
  const registry = await activePlugin((api) => api.registerProvider({ name: 'p', models: () => [], chat: () => ({ said: true }) }));
  const provider = found(registry, 'provider', 'p');
  expect(await provider.chat({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }], xOwn: 1 })).toEqual({ said: true });
  expect(await errorOf(provider.chat({ messages: [{ role: 'user' }, { role: 5 }] }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pluginId: 'plain', pointer: '/messages/1/role' });
  expect(await errorOf(provider.chat([]))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '', expected: 'an object' });
});

test('a handler may name the type of its data', async () => {
  const tools: (string | undefined)[] = [];
  const handle = (data: HookDataTypes['BeforeToolExecute']): void => void tools.push(data.tool);
  const registry = await activate([{ id: 'typed', register: (api) => api.registerHook({ name: 'BeforeToolExecute', handle }) }]);
  const data: HookDataTypes['BeforeToolExecute'] = { tool: 'forecast', params: { city: 'Oslo' }, own: 1 };
  await registry.dispatch('BeforeToolExecute', data);
  expect(tools).toEqual(['forecast']);
});
