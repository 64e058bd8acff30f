import { describe, expect, test } from '@jest/globals';
import type { Backend, Chunk, InvokeOptions } from '../../src/invocation/backend.js';
import { makeProvider, type Provider } from '../../src/capability/kinds/provider.js';
import { errorOf, openHost, until } from '../support/host.js';
import { activePlugin, answering, contextOf, found, gate } from './active-plugin.js';

const providerOf = (backend: Backend): Provider =>
  makeProvider(contextOf('ai', { kind: 'provider', name: 'parrot', description: 'Says it again', spec: undefined }, backend));

const saying = (chunk: Chunk, answer = '{}'): Backend => ({
  async invoke(_method, _input, { onChunk }: InvokeOptions) {
    await onChunk?.(chunk);
    return answer;
  },
});

const REQUEST = { messages: [{ role: 'user', content: 'hello there my friend' }] };

test('models are a list of objects with an id, whatever else they say', async () => {
  expect(await providerOf(answering('[{"id":"a","context":8},{"id":"b"}]')).models()).toEqual([{ id: 'a', context: 8 }, { id: 'b' }]);
  expect(await providerOf(answering('[]')).models()).toEqual([]);
});

test.each(['{"id":"a"}', '["a"]', '[{"name":"a"}]', '[{"id":5}]', '[{"id":""}]', 'null', '', '['])('models that are none: %j', async (text) => {
  const error = await errorOf(providerOf(answering(text)).models());
  expect(error).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'ai', capability: 'provider parrot' });
});

test.each(['"text"', '[]', 'null', '5', '{'])('a message that is none: %j', async (text) => {
  expect(await errorOf(providerOf(answering(text)).chat(REQUEST))).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'provider parrot' });
});

test.each([
  ['without a tag', { tag: 'none', data: '{}' }],
  ['of another kind', { tag: 'message', data: '{}' }],
  ['that is no JSON', { tag: 'delta', data: '{' }],
  ['that does not fit', { tag: 'delta', data: '{"content":5}' }],
  ['that is no object', { tag: 'delta', data: '"text"' }],
] as const)('a delta %s', async (_what, chunk) => {
  expect(await errorOf(providerOf(saying(chunk)).chat(REQUEST, { onDelta: () => undefined }))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
});

test.each([
  ['models', '[{"id":"a","contextWindow":"8k"}]', 'an integer at the models/0/contextWindow', '"8k"'],
  ['message', '{"role":"user"}', 'one of assistant at the message/role', '"user"'],
  ['message', '{"usage":{"inputTokens":1.5}}', 'an integer at the message/usage/inputTokens', '1.5'],
])('%s that do not fit what is published: %s', async (what, text, expected, found) => {
  const provider = providerOf(answering(text));
  const error = await errorOf(what === 'models' ? provider.models() : provider.chat(REQUEST));
  expect(error).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'provider parrot', expected, found });
});

test('a request that JSON cannot hold', async () => {
  expect(await errorOf(providerOf(answering('{}')).chat({ n: 1n }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
});

describe('a provider in JavaScript', () => {
  test('lists models, streams deltas with back-pressure, answers a message', async () => {
    const steps: string[] = [];
    const registry = await activePlugin((api) =>
      api.registerProvider({
        name: 'echo',
        models: () => [{ id: 'echo-1' }],
        async chat(request, { emit }) {
          for (const part of ['a', 'b']) {
            await emit({ content: part });
            steps.push(`sent ${part}`);
          }
          return { role: 'assistant', content: request };
        },
      }),
    );
    const provider = found(registry, 'provider', 'echo');
    expect(await provider.models()).toEqual([{ id: 'echo-1' }]);
    const held = gate();
    const chat = provider.chat(REQUEST, {
      onDelta: async (delta) => {
        steps.push(`got ${JSON.stringify(delta)}`);
        await held.promise;
      },
    });
    await until(() => steps.length > 0);
    await new Promise(setImmediate);
    expect(steps).toEqual(['got {"content":"a"}']);
    held.open();
    expect(await chat).toEqual({ role: 'assistant', content: REQUEST });
    expect(steps).toEqual(['got {"content":"a"}', 'sent a', 'got {"content":"b"}', 'sent b']);
  });

  test('whose answers are junk', async () => {
    const registry = await activePlugin((api) =>
      api.registerProvider({ name: 'junk', models: () => [{ id: 5 as unknown as string }], chat: () => 'text' as never }),
    );
    const provider = found(registry, 'provider', 'junk');
    expect(await errorOf(provider.models())).toMatchObject({ code: 'ERR_INVALID_REPLY', found: '[{"id":5}]' });
    expect(await errorOf(provider.chat(REQUEST))).toMatchObject({ code: 'ERR_INVALID_REPLY', found: '"text"' });
  });
});

describe('health', () => {
  test('is what the provider says', async () => {
    const registry = await activePlugin((api) => api.registerProvider({ name: 'ill', models: () => [], chat: () => ({}), health: () => ({ status: 'down', message: 'no key', since: 5 }) }));
    expect(await found(registry, 'provider', 'ill').health()).toEqual({ status: 'down', message: 'no key', since: 5 });
  });

  test('is unknown for one that says nothing', async () => {
    const registry = await activePlugin((api) => api.registerProvider({ name: 'mute', models: () => [], chat: () => ({}) }));
    expect(await found(registry, 'provider', 'mute').health()).toEqual({ status: 'unknown' });
    const { registry: native } = await openHost(['good-c']);
    expect(await found(native, 'provider', 'parrot').health()).toEqual({ status: 'unknown' });
  });

  test.each(['{}', '{"status":"fine"}', '{"status":"ok","message":5}', '"ok"', 'null', '{'])('that is none: %j', async (text) => {
    expect(await errorOf(providerOf(answering(text)).health())).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'provider parrot' });
  });

  test('a failure is an error, and says nothing of health', async () => {
    const registry = await activePlugin((api) =>
      api.registerProvider({
        name: 'broken',
        models: () => [],
        chat: () => ({}),
        health: () => {
          throw new Error('boom');
        },
      }),
    );
    expect(await errorOf(found(registry, 'provider', 'broken').health())).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'FAILED' });
  });
});

describe('a native provider', () => {
  test('lists its models and streams every delta in order before the message', async () => {
    const { registry } = await openHost(['good-c']);
    const parrot = found(registry, 'provider', 'parrot');
    expect(await parrot.models()).toEqual([{ id: 'parrot-1' }]);
    const deltas: unknown[] = [];
    const onDelta = async (delta: unknown): Promise<void> => {
      await new Promise(setImmediate);
      deltas.push(delta);
    };
    const message = await parrot.chat(REQUEST, { onDelta });
    expect(message).toEqual({ role: 'assistant', content: 'hello there my friend' });
    expect(deltas).toEqual(['hello', 'there', 'my', 'friend'].map((content) => ({ content })));
    expect(await parrot.chat(REQUEST)).toEqual(message);
  });

  test('holds thousands of deltas for a slow receiver, and loses none', async () => {
    const { registry } = await openHost(['good-c']);
    const words = Array.from({ length: 3000 }, (_, i) => `w${i}`);
    const deltas: unknown[] = [];
    const onDelta = async (delta: unknown): Promise<void> => {
      if (deltas.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      deltas.push(delta);
    };
    await found(registry, 'provider', 'parrot').chat({ messages: [{ role: 'user', content: words.join(' ') }] }, { onDelta });
    expect(deltas).toEqual(words.map((content) => ({ content })));
  });

  test('is cancelled while it speaks, and says no more', async () => {
    const { registry } = await openHost(['good-c']);
    const parrot = found(registry, 'provider', 'parrot');
    const aborter = new AbortController();
    const deltas: unknown[] = [];
    const chat = parrot.chat({ ...REQUEST, ms: 20 }, {
      signal: aborter.signal,
      onDelta: (delta) => {
        deltas.push(delta);
        aborter.abort();
      },
    });
    expect(await errorOf(chat)).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', capability: 'provider parrot' });
    expect(await parrot.models()).toEqual([{ id: 'parrot-1' }]);
    expect(deltas).toEqual([{ content: 'hello' }]);
  });

  test('past its deadline', async () => {
    const { registry } = await openHost(['good-c']);
    const late = found(registry, 'provider', 'parrot').chat({ ...REQUEST, ms: 3000 }, { timeoutMs: 50 });
    expect(await errorOf(late)).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 50 });
  });
});
