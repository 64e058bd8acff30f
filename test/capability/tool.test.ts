import { describe, expect, test } from '@jest/globals';
import type { Backend, InvokeOptions } from '../../src/invocation/backend.js';
import type { CapabilityDescriptor } from '../../src/capability/descriptor.js';
import { makeTool, type Tool } from '../../src/capability/kinds/tool.js';
import { errorOf, openHost, until } from '../support/host.js';
import { activePlugin, answering, contextOf, found, gate } from './active-plugin.js';

const descriptor = (spec?: unknown) => ({ kind: 'tool', name: 'forecast', description: 'Says it', spec }) as const;
const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const toolOf = (descriptor: CapabilityDescriptor, backend: Backend): Tool => makeTool(contextOf('weather', descriptor, backend));

describe('makeTool', () => {
  test('sends JSON, and parses the answer', async () => {
    const sent: unknown[] = [];
    const backend: Backend = {
      invoke: (method, input) => {
        sent.push([method, input]);
        return Promise.resolve('{"sky":"blue"}');
      },
    };
    const tool = toolOf(descriptor(CITY), backend);
    expect(tool).toMatchObject({ pluginId: 'weather', name: 'forecast', description: 'Says it', parameters: CITY });
    expect(await tool.call({ city: 'Oslo' })).toEqual({ sky: 'blue' });
    expect(await tool.callRaw('{"city":"Rome"}')).toBe('{"sky":"blue"}');
    expect(sent).toEqual([['call', '{"city":"Oslo"}'], ['call', '{"city":"Rome"}']]);
  });

  test('parameters that do not fit never reach the plugin, nor do those that JSON cannot hold', async () => {
    const backend: Backend = { invoke: () => Promise.reject(new Error('entered')), invokeSync: () => 'entered' };
    const tool = toolOf(descriptor(CITY), backend);
    const error = await errorOf(tool.call({ city: 5 }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pluginId: 'weather', capability: 'tool forecast', pointer: '/city', expected: 'a string', found: '5' });
    expect(error.message).toBe('plugin weather: tool forecast: parameters at /city: expected a string, found 5');
    expect(() => tool.sync?.({ city: 5 })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS' }));
    const cycle: Record<string, unknown> = { city: 'Oslo' };
    cycle.self = cycle;
    for (const params of [cycle, { city: 'Oslo', count: 1n }]) {
      expect(await errorOf(tool.call(params))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '' });
    }
    expect(() => tool.validate({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS' }));
    expect(() => tool.validate({ city: 'Oslo' })).not.toThrow();
  });

  test('what is judged is the JSON that is sent', async () => {
    const tool = toolOf(descriptor(CITY), { invoke: (_method, input) => Promise.resolve(input) });
    const bad: unknown[] = [new Date(0), { city: 'Oslo', toJSON: () => 5 }, { city: 'Oslo', toJSON: () => ({ city: 5 }) }, Object.create({ city: 'Oslo' }) as object];
    for (const params of bad) expect(await errorOf(tool.call(params))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await tool.call({ city: new Date(0) })).toEqual({ city: '1970-01-01T00:00:00.000Z' });
    expect(await tool.call({ city: 5, toJSON: () => ({ city: 'Oslo' }) })).toEqual({ city: 'Oslo' });
    expect(await tool.call(Object.assign(Object.create(null) as object, { city: 'Oslo', at: [{ n: 1 }] }))).toEqual({ city: 'Oslo', at: [{ n: 1 }] });
  });

  test.each(['', '{"open":', 'undefined'])('an answer that is no JSON: %j', async (text) => {
    const tool = toolOf(descriptor(), answering(text));
    expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'weather', expected: 'JSON' });
  });

  test('without a schema any object will do, and nothing else', async () => {
    const tool = toolOf(descriptor(), answering('1'));
    expect(await tool.call({ any: 'thing' })).toBe(1);
    expect(await errorOf(tool.call('text'))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', expected: 'an object' });
  });

  test('a spec that is no JSON Schema', () => {
    expect(() => toolOf(descriptor({ type: 'strnig' }), answering('1'))).toThrow();
    expect(() => toolOf(descriptor('a text'), answering('1'))).toThrow(/object or a boolean/);
  });

  test('sync and syncRaw are there where the backend has them, and only there', () => {
    expect(toolOf(descriptor(), answering('1'))).not.toHaveProperty('sync');
    const tool = toolOf(descriptor(), { ...answering('1'), invokeSync: (_method, input) => `[${input}]` });
    expect([tool.sync?.({ a: 1 }), tool.syncRaw?.('"raw"')]).toEqual([[{ a: 1 }], '["raw"]']);
  });

  test('chunks are parsed; bytes stay bytes; one that is no JSON ends the call', async () => {
    const emitting = (data: string | Uint8Array): Backend => ({
      async invoke(_method, _input, { onChunk }: InvokeOptions) {
        await onChunk?.({ tag: 'none', data });
        return 'null';
      },
    });
    const seen: unknown[] = [];
    const onChunk = (chunk: unknown): void => void seen.push(chunk);
    await toolOf(descriptor(), emitting('{"i":1}')).call({}, { onChunk });
    await toolOf(descriptor(), emitting(new Uint8Array([1, 2]))).call({}, { onChunk });
    expect(seen).toEqual([{ i: 1 }, new Uint8Array([1, 2])]);
    expect(await errorOf(toolOf(descriptor(), emitting('{')).call({}, { onChunk }))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
  });
});

describe('a tool in JavaScript', () => {
  test('gets parameters, streams in order with back-pressure, answers after its chunks', async () => {
    const steps: string[] = [];
    const registry = await activePlugin((api) =>
      api.registerTool({
        name: 'count',
        description: 'Counts',
        parameters: { type: 'object', properties: { to: { type: 'integer' } } },
        async call(params: { to: number }, { emit }) {
          for (let i = 0; i < params.to; i++) {
            await emit({ i });
            steps.push(`sent ${i}`);
          }
          return { counted: params.to };
        },
      }),
    );
    const tool = found(registry, 'tool', 'count');
    const held = gate();
    const answer = tool.call({ to: 3 }, {
      onChunk: async (chunk) => {
        steps.push(`got ${JSON.stringify(chunk)}`);
        await held.promise;
      },
    });
    await until(() => steps.length > 0);
    await new Promise(setImmediate);
    expect(steps).toEqual(['got {"i":0}']);
    held.open();
    expect(await answer).toEqual({ counted: 3 });
    expect(steps).toEqual(['got {"i":0}', 'sent 0', 'got {"i":1}', 'sent 1', 'got {"i":2}', 'sent 2']);
    expect(tool.sync).toBeUndefined();
    expect(await errorOf(tool.call({ to: 'three' }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '/to' });
  });

  test('chunks that it does not wait for come in order all the same, before the answer', async () => {
    const registry = await activePlugin((api) =>
      api.registerTool({ name: 'rush', call: (_params, { emit }) => void [1, 2, 3].forEach((i) => void emit(i)) }),
    );
    const seen: unknown[] = [];
    const answer = await found(registry, 'tool', 'rush').call({}, {
      onChunk: async (chunk) => {
        await new Promise(setImmediate);
        seen.push(chunk);
      },
    });
    expect([answer, seen]).toEqual([null, [1, 2, 3]]);
  });

  test('what it throws is the cause of ERR_INVOCATION_FAILED', async () => {
    const cause = new RangeError('no such city');
    const registry = await activePlugin((api) => {
      api.registerTool({ name: 'throws', call: () => { throw cause; } });
      api.registerTool({ name: 'rejects', call: () => Promise.reject(cause) });
    });
    for (const name of ['throws', 'rejects']) {
      expect(await errorOf(found(registry, 'tool', name).call({}))).toMatchObject({
        code: 'ERR_INVOCATION_FAILED', pluginId: 'plain', capability: `tool ${name}`, status: 'FAILED', reason: 'no such city', cause,
      });
    }
  });

  test.each([['a BigInt', 1n], ['a function', () => 1], ['a symbol', Symbol('s')]])('an answer that JSON cannot hold: %s', async (_what, value) => {
    const registry = await activePlugin((api) => api.registerTool({ name: 'junk', call: () => value }));
    expect(await errorOf(found(registry, 'tool', 'junk').call({}))).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'plain' });
  });

  test('cancel, deadline: the caller has its answer, the function its signal, and later chunks go nowhere', async () => {
    const signals: AbortSignal[] = [];
    const registry = await activePlugin((api) =>
      api.registerTool({
        name: 'waits',
        async call(_params, { signal, emit }) {
          signals.push(signal);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await emit('too late');
        },
      }),
    );
    const tool = found(registry, 'tool', 'waits');
    const seen: unknown[] = [];
    const onChunk = (chunk: unknown): void => void seen.push(chunk);

    const reason = new Error('the user went away');
    const aborter = new AbortController();
    const cancelled = tool.call({}, { signal: aborter.signal, onChunk });
    await until(() => signals.length === 1);
    aborter.abort(reason);
    expect(await errorOf(cancelled)).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', cause: reason, stillRunning: false });
    expect(await errorOf(tool.call({}, { timeoutMs: 5, onChunk }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 5 });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
    await new Promise(setImmediate);
    expect(seen).toEqual([]);

    expect(await errorOf(tool.call({}, { signal: AbortSignal.abort(reason) }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', cause: reason });
    expect(signals).toHaveLength(2);
  });

  test('what onChunk throws ends the call with it', async () => {
    const registry = await activePlugin((api) => api.registerTool({ name: 'emits', call: async (_params, { emit }) => { await emit(1); await emit(2); } }));
    const mine = new Error('mine');
    let chunks = 0;
    const call = found(registry, 'tool', 'emits').call({}, { onChunk: () => { chunks++; throw mine; } });
    await expect(call).rejects.toBe(mine);
    expect(chunks).toBe(1);
  });

  test('is not to be called before init nor after shutdown, and shutdown ends what is open', async () => {
    const registry = await activePlugin((api) =>
      api.registerTool({ name: 'waits', call: (_params, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)) }),
    );
    const tool = found(registry, 'tool', 'waits');
    const open = errorOf(tool.call({}));
    await registry.shutdownAll();
    expect(await open).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
    expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' });
  });
});

test('a native tool, from registration to answer', async () => {
  const { registry } = await openHost(['good-c']);
  const tool = found(registry, 'tool', 'echo');
  expect(tool).toMatchObject({ pluginId: 'good-c', description: 'A test tool', parameters: { type: 'object' } });
  expect(await tool.call({ a: [1, 'ø'] })).toEqual({ a: [1, 'ø'] });
  expect(await errorOf(tool.call([]))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '', found: 'an array' });
  expect(tool.sync).toBeUndefined();
  expect(found(registry, 'tool', 'echo_inline').sync?.({ a: 1 })).toEqual({ a: 1 });
});

test.each(['no_status', 'unknown_status', 'length_lies', 'owned_without_release', 'bad_utf8', 'bad_json', 'bad_format'])(
  'a native tool that breaks the rule of replies: %s',
  async (name) => {
    const { registry } = await openHost(['rule-breaker']);
    const error = await errorOf(found(registry, 'tool', name).call({}));
    expect(error).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'rule-breaker', capability: `tool ${name}` });
  },
);
