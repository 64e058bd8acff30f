import { describe, expect, test } from '@jest/globals';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { PluginApi } from '../../src/plugin/plugin.js';
import { DEFAULT_RESERVED_COMMANDS } from '../../src/registry/reserved-commands.js';
import { activate, answering, found, newRegistry } from '../capability/active-plugin.js';
import { errorOf, loadFixture } from '../support/host.js';

const NOTHING_DECLARED = { tools: [], commands: [], hooks: [], channels: [], providers: [] };
const answer = (): null => null;

/** One of each kind. */
function registerAll(api: PluginApi, suffix: string): void {
  api.registerTool({ name: `tool-${suffix}`, call: answer });
  api.registerCommand({ name: `command.${suffix}`, run: () => 0 });
  api.registerHook({ name: 'OnSessionEnd', handle: () => undefined });
  api.registerChannel({ name: `channel.${suffix}`, start: () => Promise.resolve(), send: answer });
  api.registerProvider({ name: `provider.${suffix}`, models: () => [], chat: () => ({}) });
}

const registering = (id: string, register: PluginDefinition['register'], more: Partial<PluginDefinition> = {}) =>
  definePlugin({ id, register, ...more });

test('a kind that is missing in `declared` has no names', async () => {
  const registry = newRegistry();
  const declared = { tools: ['tool-a'] };
  const both = registering('both', (api) => registerAll(api, 'a'));
  expect(await errorOf(registry.register({ ...both, declared, meta: both.meta }))).toMatchObject({ code: 'ERR_CAPABILITY_UNDECLARED', kind: 'command' });
  const one = registering('one', (api) => api.registerTool({ name: 'tool-a', call: answer }));
  await registry.register({ ...one, declared, meta: one.meta });
  expect(registry.stateOf('one')).toMatchObject({ state: 'registered', missing: [] });
});

describe('a plugin that is a plain object', () => {
  test('registers every kind; each is found by name, and listed in plugin order', async () => {
    const registry = await activate([
      { id: 'b', register: (api) => registerAll(api, 'b') },
      { id: 'a', register: (api) => registerAll(api, 'a') },
    ]);
    for (const kind of ['tool', 'command', 'channel', 'provider'] as const) {
      const dash = kind === 'tool' ? '-' : '.';
      expect(registry.capabilities(kind).map(({ name }) => name)).toEqual([`${kind}${dash}b`, `${kind}${dash}a`]);
      expect(found(registry, kind, `${kind}${dash}a`)).toMatchObject({ pluginId: 'a' });
      expect(registry.find(kind, 'nobody')).toBeUndefined();
    }
    expect(registry.capabilities('hook').map(({ pluginId, name }) => [pluginId, name])).toEqual([['b', 'OnSessionEnd'], ['a', 'OnSessionEnd']]);
    expect(registry.list().map(({ id }) => id)).toEqual(['b', 'a']);
  });

  test('need not be made by definePlugin', async () => {
    const calls: string[] = [];
    const registry = newRegistry();
    await registry.register({
      id: 'bare',
      meta: { name: 'Bare', version: '1.0.0', description: '', author: '' },
      register: (api) => api.registerCapability({ kind: 'tool', name: 'raw', description: '', spec: undefined }, answering('[1]')),
      init: ({ hostVersion }) => void calls.push(`init ${hostVersion}`),
      shutdown: () => void calls.push('shutdown'),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    await registry.initAll();
    expect(await found(registry, 'tool', 'raw').call({})).toEqual([1]);
    await registry.shutdownAll();
    expect(calls).toEqual(['init 1.0.0', 'shutdown']);
  });

  test('offers nothing before its init has succeeded, and nothing after shutdown', async () => {
    const registry = newRegistry();
    const during: number[] = [];
    await registry.register(
      registering('late', (api) => registerAll(api, 'x'), { init: () => void during.push(registry.capabilities('tool').length) }),
    );
    expect(registry.capabilities('tool')).toEqual([]);
    expect(registry.find('command', 'command.x')).toBeUndefined();
    await registry.initAll();
    expect([during, registry.capabilities('tool').length]).toEqual([[0], 1]);
    await registry.shutdownAll();
    expect([registry.capabilities('tool'), registry.find('provider', 'provider.x')]).toEqual([[], undefined]);
  });
});

describe('refused at registration', () => {
  test.each<[string, (api: PluginApi) => void, string]>([
    ['a tool that is called with a blank', (api) => api.registerTool({ name: 'a b', call: answer }), 'ERR_CAPABILITY_INVALID'],
    ['a tool without a name', (api) => api.registerTool({ name: '', call: answer }), 'ERR_CAPABILITY_INVALID'],
    ['a tool with a dot', (api) => api.registerTool({ name: 'a.b', call: answer }), 'ERR_CAPABILITY_INVALID'],
    ['a command of 65 letters', (api) => api.registerCommand({ name: 'c'.repeat(65), run: () => 0 }), 'ERR_CAPABILITY_INVALID'],
    ['a hook that is none', (api) => api.registerHook({ name: 'BeforeLunch' as 'BeforeAgentRun', handle: () => undefined }), 'ERR_CAPABILITY_INVALID'],
    ['a tool whose schema is none', (api) => api.registerTool({ name: 'a', parameters: { type: 'strnig' }, call: answer }), 'ERR_CAPABILITY_INVALID'],
    ['a command whose spec is none', (api) => api.registerCapability({ kind: 'command', name: 'a', description: '', spec: { requiresAuth: true } }, answering('')), 'ERR_CAPABILITY_INVALID'],
  ])('%s', async (_what, register, code) => {
    const registry = newRegistry();
    const error = await errorOf(registry.register(registering('plain', register)));
    expect(error).toMatchObject({ code, pluginId: 'plain', step: 'register' });
    expect(registry.get('plain')).toBeUndefined();
  });

  test('what the manifest does not declare, kind by kind', async () => {
    const registry = newRegistry();
    const declared = { ...NOTHING_DECLARED, tools: ['deploy'] };
    const error = await errorOf(registry.register(registering('fenced', (api) => api.registerCommand({ name: 'deploy', run: () => 0 }), { declared })));
    expect(error).toMatchObject({ code: 'ERR_CAPABILITY_UNDECLARED', pluginId: 'fenced', kind: 'command', capabilityName: 'deploy' });
    expect(error.message).toBe('plugin fenced: the manifest does not declare the command "deploy"');
  });

  test.each(['tool', 'command', 'channel', 'provider'] as const)('a %s twice, inside a plugin and across two, naming both', async (kind) => {
    const twice = (api: PluginApi): void => api.registerCapability({ kind, name: 'same', description: '', spec: undefined }, answering('null'));
    const registry = newRegistry();
    await registry.register(registering('first', twice));
    const across = await errorOf(registry.register(registering('second', twice)));
    expect(across).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', pluginId: 'second', kind, capabilityName: 'same', winner: 'plugin first' });
    const inside = await errorOf(newRegistry().register(registering('alone', (api) => { twice(api); twice(api); })));
    expect(inside).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', pluginId: 'alone', winner: 'this same plugin' });
  });

  test('one hook twice by one plugin; two plugins may have it', async () => {
    const registry = newRegistry();
    const once = (api: PluginApi): void => api.registerHook({ name: 'OnSessionEnd', handle: () => undefined });
    await registry.register(registering('first', once));
    await registry.register(registering('second', once));
    const error = await errorOf(registry.register(registering('third', (api) => { once(api); once(api); })));
    expect(error).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', kind: 'hook', winner: 'this same plugin' });
  });

  test('the default has the 84 names of aisopod, each once', () => {
    expect(new Set(DEFAULT_RESERVED_COMMANDS).size).toBe(84);
    expect(DEFAULT_RESERVED_COMMANDS).toHaveLength(84);
  });

  test.each([...DEFAULT_RESERVED_COMMANDS, 'Help', 'VERSION'])("the host's own command %s", async (name) => {
    const error = await errorOf(newRegistry().register(registering('greedy', (api) => api.registerCommand({ name, run: () => 0 }))));
    expect(error).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', kind: 'command', capabilityName: name, winner: 'the host' });
    expect(error.message).toBe(`plugin greedy: the command "${name}" is already registered by the host`);
  });

  test('commands that this host reserves, in place of the usual; a tool may have the name', async () => {
    const registry = newRegistry({ reservedCommands: ['deploy'] });
    expect(await errorOf(registry.register(registering('greedy', (api) => api.registerCommand({ name: 'deploy', run: () => 0 }))))).toMatchObject({ winner: 'the host' });
    await registry.register(
      registering('modest', (api) => {
        api.registerCommand({ name: 'help', run: () => 0 });
        api.registerTool({ name: 'deploy', call: answer });
      }),
    );
    await registry.initAll();
    expect(registry.find('command', 'help')).toBeDefined();
  });

  test('a native command that the host has', async () => {
    const registry = newRegistry({ reservedCommands: ['greet'] });
    const error = await errorOf(registry.register(await loadFixture('good-c')));
    expect(error).toMatchObject({ code: 'ERR_CAPABILITY_DUPLICATE', pluginId: 'good-c', kind: 'command', capabilityName: 'greet', winner: 'the host' });
    expect(registry.list()).toEqual([]);
  });
});

describe('a registration that fails', () => {
  test('leaves nothing behind: its names are free, its id too', async () => {
    const registry = newRegistry();
    const broken = registering('first', (api) => {
      registerAll(api, 'x');
      throw new Error('no memory');
    });
    const error = await errorOf(registry.register(broken));
    expect(error).toMatchObject({ code: 'ERR_REGISTER_FAILED', pluginId: 'first', reason: 'no memory', cause: expect.any(Error) as unknown });
    expect([registry.list(), registry.stateOf('first')]).toEqual([[], undefined]);
    await registry.register(registering('first', (api) => registerAll(api, 'x')));
    await registry.initAll();
    expect(found(registry, 'tool', 'tool-x').pluginId).toBe('first');
  });

  test('one refusal fails it, though the plugin went on', async () => {
    const registry = newRegistry();
    const stubborn = registering('stubborn', (api) => {
      expect(() => api.registerTool({ name: 'a b', call: answer })).toThrow(expect.objectContaining({ code: 'ERR_CAPABILITY_INVALID' }));
      api.registerTool({ name: 'good', call: answer });
    });
    expect(await errorOf(registry.register(stubborn))).toMatchObject({ code: 'ERR_CAPABILITY_INVALID', capabilityName: 'a b' });
    await registry.register(registering('other', (api) => api.registerTool({ name: 'good', call: answer })));
  });

  test.each(['register-fails', 'register-twice', 'extra-undeclared'])('the same for the native %s', async (fixture) => {
    const registry = newRegistry();
    await errorOf(registry.register(await loadFixture(fixture)));
    expect([registry.list(), registry.stateOf(fixture)]).toEqual([[], undefined]);
    await registry.initAll();
    expect(registry.capabilities('tool')).toEqual([]);
  });
});

test.each<[string, (api: PluginApi) => void]>([
  ['tool', (api) => api.registerTool({ name: 'late', call: answer })],
  ['command', (api) => api.registerCommand({ name: 'late', run: () => 0 })],
  ['hook', (api) => api.registerHook({ name: 'OnSessionEnd', handle: () => undefined })],
  ['channel', (api) => api.registerChannel({ name: 'late', start: () => Promise.resolve(), send: answer })],
  ['provider', (api) => api.registerProvider({ name: 'late', models: () => [], chat: () => ({}) })],
])('a %s registered outside register is refused', async (kind, late) => {
  let kept: PluginApi | undefined;
  const registry = await activate([{ id: 'plain', register: (api) => { kept = api; } }]);
  expect(() => kept && late(kept)).toThrow(expect.objectContaining({ code: 'ERR_REGISTRATION_CLOSED', pluginId: 'plain', capability: expect.stringMatching(`^${kind} `) as unknown }));
  expect(registry.capabilities('tool')).toEqual([]);
});

test('what is declared and not registered is on the record', async () => {
  const registry = newRegistry();
  const declared = { tools: ['a', 'b'], commands: ['c'], hooks: ['OnSessionEnd', 'OnSessionCreate'], channels: [], providers: ['p'] };
  await registry.register(
    registering('lazy', (api) => {
      api.registerTool({ name: 'b', call: answer });
      api.registerHook({ name: 'OnSessionEnd', handle: () => undefined });
    }, { declared }),
  );
  expect(registry.stateOf('lazy')).toMatchObject({ state: 'registered', missing: ['tool a', 'command c', 'hook OnSessionCreate', 'provider p'] });
  await registry.register(await loadFixture('good-c'));
  expect(registry.stateOf('good-c')?.missing).toEqual([]);
});
