import { describe, expect, test } from '@jest/globals';
import { tracingChannel } from 'node:diagnostics_channel';
import type { HookDefinition, HookReply } from '../../src/capability/kinds/hook.js';
import { HOOK_NAMES, type HookName } from '../../src/manifest/index.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { PluginRegistryOptions } from '../../src/registry/registry-options.js';
import { activate, answering, newRegistry } from '../capability/active-plugin.js';
import { errorOf, openHost } from '../support/host.js';

const hooking = (id: string, handle: HookDefinition['handle'], name: HookName = 'BeforeToolExecute'): PluginDefinition => ({
  id,
  register: (api) => api.registerHook({ name, handle }),
});

const add = (letter: string) => (data: unknown): HookReply => ({ action: 'replace', value: { text: (data as { text: string }).text + letter } });

/** Replaces what it gets with lists in lists. */
const replacing = (id: string, depth: number): PluginDefinition => ({
  id,
  register: (api) => {
    const backend = answering(`{"action":"replace","value":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    api.registerCapability({ kind: 'hook', name: 'BeforeToolExecute', description: '', spec: undefined }, backend);
  },
});
const actions = (outcomes: readonly { readonly pluginId: string; readonly action: string }[]): string[] =>
  outcomes.map(({ pluginId, action }) => `${pluginId}: ${action}`);

describe('dispatch', () => {
  test('runs every handler in plugin order; each gets what the one before left', async () => {
    const registry = await activate([
      hooking('one', add('1')),
      hooking('two', (data) => void expect(data).toEqual({ text: 'a1' })),
      hooking('three', add('3')),
      hooking('other', add('x'), 'BeforeAgentRun'),
    ]);
    const result = await registry.dispatch('BeforeToolExecute', { text: 'a' });
    expect(result.data).toEqual({ text: 'a13' });
    expect(result.vetoed).toBeUndefined();
    expect(actions(result.outcomes)).toEqual(['one: replace', 'two: continue', 'three: replace']);
  });

  test('in plugin order, whichever registered its hook first', async () => {
    const seen: string[] = [];
    const note = (id: string) => hooking(id, () => void seen.push(id), 'OnSessionEnd');
    const slow: PluginDefinition = {
      id: 'slow',
      async register(api) {
        await new Promise(setImmediate);
        await note('slow').register(api);
      },
    };
    const registry = newRegistry();
    await Promise.all([registry.register(definePlugin(slow)), registry.register(definePlugin(note('quick')))]);
    await registry.initAll();
    await registry.dispatch('OnSessionEnd', {});
    expect(seen).toEqual(['slow', 'quick']);
  });

  test('one that fails is recorded, and the others run on unchanged data', async () => {
    const cause = new Error('boom');
    const registry = await activate([hooking('fails', () => { throw cause; }), hooking('after', add('2'))]);
    const result = await registry.dispatch('BeforeToolExecute', { text: 'a' });
    expect(result.data).toEqual({ text: 'a2' });
    expect(result.outcomes[0]).toMatchObject({ pluginId: 'fails', action: 'failed', error: { code: 'ERR_INVOCATION_FAILED', capability: 'hook BeforeToolExecute', cause } });
    expect(result.outcomes[1]).not.toHaveProperty('error');
  });

  test('one that answers what cannot be handed on has failed itself, and the next runs on unchanged data', async () => {
    const result = await (await activate([replacing('deep', 50_000), hooking('after', add('2'))])).dispatch('BeforeToolExecute', { text: 'a' });
    expect(result.data).toEqual({ text: 'a2' });
    expect(result.outcomes[0]).toMatchObject({ pluginId: 'deep', action: 'failed', error: { code: 'ERR_INVALID_REPLY' } });
    expect(result.outcomes[1]).toMatchObject({ pluginId: 'after', action: 'replace' });
  });

  test('a replaced value may be nested 2048 levels deep, whatever the version of Node', async () => {
    const result = await (await activate([replacing('deepest', 2048), replacing('deeper', 2049)])).dispatch('BeforeToolExecute', {});
    expect(JSON.stringify(result.data)).toBe('['.repeat(2048) + ']'.repeat(2048));
    expect(result.outcomes[0]).toMatchObject({ pluginId: 'deepest', action: 'replace' });
    expect(result.outcomes[1]).toMatchObject({ pluginId: 'deeper', action: 'failed', error: { code: 'ERR_INVALID_REPLY', message: expect.stringContaining('at most 2048 levels') } });
  });

  test('a veto ends it: what was changed before stays, what comes after does not run', async () => {
    let ran = 0;
    const registry = await activate([
      hooking('changes', add('1')),
      hooking('says-no', () => ({ action: 'veto', reason: 'not on Sundays' })),
      hooking('later', () => void ran++),
    ]);
    const result = await registry.dispatch('BeforeToolExecute', { text: 'a' });
    expect(result).toMatchObject({ data: { text: 'a1' }, vetoed: { pluginId: 'says-no', reason: 'not on Sundays' } });
    expect(actions(result.outcomes)).toEqual(['changes: replace', 'says-no: veto']);
    expect(ran).toBe(0);
  });

  test.each(HOOK_NAMES.filter((name) => !name.startsWith('Before')))('%s cannot be changed nor vetoed', async (name) => {
    const registry = await activate([
      hooking('vetoes', () => ({ action: 'veto', reason: 'no' }), name),
      hooking('replaces', add('2'), name),
      hooking('watches', () => undefined, name),
    ]);
    const result = await registry.dispatch(name, { text: 'a' });
    expect(result).toMatchObject({ data: { text: 'a' } });
    expect(result.vetoed).toBeUndefined();
    expect(actions(result.outcomes)).toEqual(['vetoes: failed', 'replaces: failed', 'watches: continue']);
    expect(result.outcomes[0]?.error).toMatchObject({ code: 'ERR_INVALID_REPLY', found: 'veto' });
  });

  test.each(HOOK_NAMES.filter((name) => name.startsWith('Before')))('%s can be', async (name) => {
    const registry = await activate([hooking('replaces', add('2'), name), hooking('vetoes', () => ({ action: 'veto', reason: 'no' }), name)]);
    expect(await registry.dispatch(name, { text: 'a' })).toMatchObject({ data: { text: 'a2' }, vetoed: { pluginId: 'vetoes' } });
  });

  test.each(['{}', '{"action":"stop"}', '{"action":"replace"}', '{"action":"veto"}', '{"action":"veto","reason":5}', 'null', '"continue"', '', '{'])(
    'junk is a failure: %j',
    async (text) => {
      const descriptor = { kind: 'hook', name: 'BeforeAgentRun', description: '', spec: undefined } as const;
      const junk: PluginDefinition = { id: 'junk', register: (api) => api.registerCapability(descriptor, answering(text)) };
      const registry = await activate([junk, hooking('after', () => undefined, 'BeforeAgentRun')]);
      const result = await registry.dispatch('BeforeAgentRun', { text: 'a' });
      expect(result.data).toEqual({ text: 'a' });
      expect(result.outcomes).toMatchObject([{ pluginId: 'junk', action: 'failed', error: { code: 'ERR_INVALID_REPLY', pluginId: 'junk' } }, { pluginId: 'after', action: 'continue' }]);
    },
  );

  test('replace may give null', async () => {
    const registry = await activate([hooking('empties', () => ({ action: 'replace', value: null }))]);
    expect((await registry.dispatch('BeforeToolExecute', { text: 'a' })).data).toBeNull();
  });

  test('handlers get copies: none changes the data behind the back of another', async () => {
    const registry = await activate([hooking('meddles', (data) => void ((data as { text: string }).text = 'mine')), hooking('after', add('2'))]);
    const given = { text: 'a' };
    expect((await registry.dispatch('BeforeToolExecute', given)).data).toEqual({ text: 'a2' });
    expect(given).toEqual({ text: 'a' });
  });

  test('a handler that takes too long is recorded, and the others run', async () => {
    const signals: AbortSignal[] = [];
    const hangs: HookDefinition['handle'] = (_data, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const registry = await activate([hooking('hangs', hangs), hooking('after', add('2'))]);
    const result = await registry.dispatch('BeforeToolExecute', { text: 'a' }, { timeoutMs: 5 });
    expect(result).toMatchObject({ data: { text: 'a2' }, outcomes: [{ action: 'failed', error: { code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 5 } }, { action: 'replace' }] });
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });

  test('the signal ends all of it', async () => {
    const aborter = new AbortController();
    let ran = 0;
    const registry = await activate([
      hooking('cancels', () => {
        aborter.abort(new Error('gone'));
        return new Promise(() => undefined);
      }),
      hooking('after', () => void ran++),
    ]);
    expect(await errorOf(registry.dispatch('BeforeToolExecute', {}, { signal: aborter.signal }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    expect(ran).toBe(0);
  });

  test('data that JSON cannot hold is the mistake of the caller', async () => {
    const registry = await activate([hooking('one', () => undefined)]);
    expect(await errorOf(registry.dispatch('BeforeToolExecute', { n: 1n }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await errorOf(registry.dispatch('BeforeToolExecute', undefined))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
  });

  test('without a handler the data comes back as it went', async () => {
    const registry = await activate([]);
    const data = { text: 'a' };
    expect(await registry.dispatch('OnGatewayStart', data)).toEqual({ data, outcomes: [] });
  });
});

describe('the order of handlers', () => {
  test('higher priorities first, then plugin order', async () => {
    const note = (id: string, priority?: number): PluginDefinition => ({
      id,
      register: (api) => api.registerHook({ name: 'OnSessionEnd', ...(priority !== undefined && { priority }), handle: () => undefined }),
    });
    const registry = await activate([note('last', -1), note('third'), note('first', 7), note('fourth', 0), note('second', 7)]);
    const { outcomes } = await registry.dispatch('OnSessionEnd', {});
    expect(outcomes.map(({ pluginId }) => pluginId)).toEqual(['first', 'second', 'third', 'fourth', 'last']);
    expect(registry.capabilities('hook').map(({ priority }) => priority)).toEqual([-1, 0, 7, 0, 7]);
  });

  const matching = (id: string, match: readonly string[]): PluginDefinition => ({
    id,
    register: (api) => api.registerHook({ name: 'BeforeToolExecute', match, handle: () => undefined }),
  });

  test.each([
    ['file_read', ['files', 'all', 'ends']],
    ['read', ['all', 'ends']],
    ['shell', ['exact', 'all']],
    ['shells', ['all']],
    ['a-b-c', ['all', 'parts']],
    ['a-c', ['all']],
  ])('tool %s: only handlers that match it run', async (tool, ran) => {
    const registry = await activate([matching('files', ['file_*']), matching('exact', ['other', 'shell']), matching('all', ['*']), matching('ends', ['*read']), matching('parts', ['a*b*c'])]);
    expect((await registry.dispatch('BeforeToolExecute', { tool })).outcomes.map(({ pluginId }) => pluginId)).toEqual(ran);
  });

  test('data that names no tool runs every handler, since any may be a guard', async () => {
    const registry = await activate([matching('files', ['file_*'])]);
    for (const data of [{}, Object.create({ tool: 'other' }) as object]) {
      expect((await registry.dispatch('BeforeToolExecute', data)).outcomes).toHaveLength(1);
    }
  });

  test('so does data that an earlier handler has made of something else', async () => {
    const breaks = hooking('breaks', () => ({ action: 'replace', value: null }));
    const registry = await activate([breaks, matching('files', ['file_*'])]);
    expect(actions((await registry.dispatch('BeforeToolExecute', { tool: 'shell' })).outcomes)).toEqual(['breaks: replace', 'files: continue']);
  });

  test('a handler sees the name that an earlier one has put in its place', async () => {
    const renames = hooking('renames', () => ({ action: 'replace', value: { tool: 'file_read' } }));
    const registry = await activate([renames, matching('files', ['file_*'])]);
    expect(actions((await registry.dispatch('BeforeToolExecute', { tool: 'shell' })).outcomes)).toEqual(['renames: replace', 'files: continue']);
  });

  test.each<[string, HookName, object, RegExp]>([
    ['an unknown key', 'BeforeToolExecute', { failClose: true }, /unknown key "failClose" \(did you mean failClosed\?\)/],
    ['a priority that is no whole number', 'BeforeToolExecute', { priority: 1.5 }, /priority: expected a whole number, -1000000 to 1000000, found 1.5/],
    ['no pattern', 'BeforeToolExecute', { match: [] }, /match: expected 1 to 1000 patterns, found \[\]/],
    ['a pattern that is none', 'AfterToolExecute', { match: ['a.b'] }, /match: expected patterns of .*, found "a.b"/],
    ['a pattern for a hook without tools', 'BeforeAgentRun', { match: ['a'] }, /match: expected one of the tool hooks/],
    ['failClosed that is no boolean', 'BeforeToolExecute', { failClosed: 'yes' }, /failClosed: expected a boolean, found "yes"/],
    ['failClosed where nobody can veto', 'AfterToolExecute', { failClosed: true }, /expected a hook that can veto/],
  ])('a spec with %s is refused', async (_what, name, spec, found) => {
    const error = await errorOf(activate([{ id: 'wrong', register: (api) => api.registerCapability({ kind: 'hook', name, description: '', spec }, answering('{}')) }]));
    expect(error).toMatchObject({ code: 'ERR_CAPABILITY_INVALID', member: 'spec', found: expect.stringMatching(found) });
  });
});

describe('a handler that fails closed', () => {
  const failing = (id: string, failClosed?: boolean): PluginDefinition => ({
    id,
    register: (api) =>
      api.registerHook({
        name: 'BeforeToolExecute',
        ...(failClosed !== undefined && { failClosed }),
        handle: () => {
          throw new Error('boom');
        },
      }),
  });

  test('vetoes when it fails; the result says who decided, and why', async () => {
    const registry = await activate([failing('open'), failing('closed', true), hooking('after', () => undefined)]);
    const result = await registry.dispatch('BeforeToolExecute', { text: 'a' });
    expect(result.vetoed).toEqual({ pluginId: 'closed', failClosed: 'plugin', reason: 'the handler failed: plugin closed: hook BeforeToolExecute failed: boom' });
    expect(result.data).toEqual({ text: 'a' });
    expect(actions(result.outcomes)).toEqual(['open: failed', 'closed: failed']);
  });

  test.each<[string, HookDefinition['handle']]>([
    ['answers nonsense', () => ({ action: 'perhaps' }) as never],
    ['takes too long', () => new Promise(() => undefined)],
  ])('also if it %s', async (_what, handle) => {
    const guard: PluginDefinition = { id: 'guard', register: (api) => api.registerHook({ name: 'BeforeToolExecute', failClosed: true, handle }) };
    const { vetoed } = await (await activate([guard])).dispatch('BeforeToolExecute', {}, { timeoutMs: 20 });
    expect(vetoed).toMatchObject({ pluginId: 'guard', failClosed: 'plugin' });
  });

  test('a mistake of the caller is no veto, but the error of the caller', async () => {
    const registry = await activate([failing('closed', true)]);
    expect(await errorOf(registry.dispatch('BeforeToolExecute', { n: 1n }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await errorOf(registry.dispatch('BeforeToolExecute', {}, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
  });

  test.each<[string, PluginRegistryOptions['failClosed'], 'host' | undefined]>([
    ['for all', true, 'host'],
    ['for none', false, undefined],
    ['for this plugin', (pluginId, hook) => pluginId === 'open' && hook === 'BeforeToolExecute', 'host'],
    ['for another', (pluginId) => pluginId === 'other', undefined],
    ['by an answer that is not false', () => undefined as never, 'host'],
    ['by an error', () => { throw new Error('lost'); }, 'host'],
  ])('the host may want it: %s', async (_what, failClosed, by) => {
    const registry = await activate([failing('open')], { ...(failClosed !== undefined && { failClosed }) });
    expect((await registry.dispatch('BeforeToolExecute', {})).vetoed?.failClosed).toBe(by);
  });

  test('a hook that cannot veto goes on, whatever the host wants', async () => {
    const registry = await activate([hooking('fails', () => { throw new Error('boom'); }, 'OnSessionEnd')], { failClosed: true });
    expect(await registry.dispatch('OnSessionEnd', {})).toMatchObject({ data: {}, outcomes: [{ action: 'failed' }] });
  });

  test('the trace of a dispatch has its result', async () => {
    const registry = await activate([failing('closed', true)]);
    const seen: unknown[] = [];
    const subscriber = { asyncEnd: (message: unknown) => seen.push(message) } as never;
    const traced = tracingChannel('aisopod-plugin:dispatch');
    traced.subscribe(subscriber);
    try {
      await registry.dispatch('BeforeToolExecute', { tool: 'x' });
    } finally {
      traced.unsubscribe(subscriber);
    }
    expect(seen).toMatchObject([{ hook: 'BeforeToolExecute', data: { tool: 'x' }, result: { vetoed: { pluginId: 'closed', failClosed: 'plugin' } } }]);
  });
});

describe('a native handler', () => {
  test.each([
    ['continue', { mode: 'none' }, { mode: 'none' }, 'continue'],
    ['replace', { mode: 'replace' }, { replaced: true }, 'replace'],
    ['veto', { mode: 'veto' }, { mode: 'veto' }, 'veto'],
    ['fail', { mode: 'fail' }, { mode: 'fail' }, 'failed'],
  ])('%s', async (_what, given, data, action) => {
    const { registry } = await openHost(['good-c']);
    const result = await registry.dispatch('BeforeToolExecute', given);
    expect(result).toMatchObject({ data, outcomes: [{ pluginId: 'good-c', action }] });
    expect(result.vetoed).toEqual(action === 'veto' ? { pluginId: 'good-c', reason: 'asked to veto' } : undefined);
    if (action === 'failed') expect(result.outcomes[0]?.error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', reason: 'asked to fail' });
  });

  test('beside plain plugins', async () => {
    const { registry } = await openHost(['good-c']);
    await registry.register(definePlugin(hooking('plain', (data) => ({ action: 'replace', value: { was: data } }))));
    await registry.initAll();
    const { data, outcomes } = await registry.dispatch('BeforeToolExecute', { mode: 'replace' });
    expect(data).toEqual({ was: { replaced: true } });
    expect(actions(outcomes)).toEqual(['good-c: replace', 'plain: replace']);
  });
});
