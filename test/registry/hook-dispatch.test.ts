import { describe, expect, test } from '@jest/globals';
import type { HookDefinition, HookReply } from '../../src/capability/kinds/hook.js';
import { HOOK_NAMES, type HookName } from '../../src/manifest/index.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
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
