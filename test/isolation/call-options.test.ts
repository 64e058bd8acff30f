/** Options of calls: checked before anything is sent, and callbacks that run in the context of their own call. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { runInNewContext } from 'node:vm';
import { answerOf } from '../support/child.js';
import { errorOf, pause } from '../support/host.js';
import { openIn, type HomeHost } from './homes.js';

const context = new AsyncLocalStorage<string>();

describe.each(['in-process', 'process', 'socket'] as const)('%s', (home) => {
  let host: HomeHost;
  beforeAll(async () => {
    host = await context.run('open', () => openIn(home, ['good-c']));
  });

  const calls: readonly (readonly [string, (options: object) => Promise<unknown>])[] = [
    ['tool.call', (options) => host.tool('echo').call({}, options)],
    ['tool.callRaw', (options) => host.tool('echo').callRaw('{}', options)],
    ['command.run', (options) => host.find('command', 'greet').run(['Ada'], options)],
    ['provider.models', (options) => host.find('provider', 'parrot').models(options)],
    ['provider.chat', (options) => host.find('provider', 'parrot').chat({ messages: [] }, options)],
    ['dispatch', (options) => host.registry.dispatch('BeforeToolExecute', {}, options)],
  ];

  test.each(calls)('%s refuses options that cannot work', async (_name, call) => {
    for (const [option, value] of [
      ['signal', {}],
      ['signal', 'stop'],
      ['signal', new AbortController()],
      ['timeoutMs', NaN],
      ['timeoutMs', -1],
      ['timeoutMs', '100'],
      ['timeoutMs', null],
    ] as const) {
      expect(await errorOf(call({ [option]: value }))).toMatchObject({ code: 'ERR_OPTIONS', option });
    }
    expect(await errorOf(call({ timeoutMS: 5 }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'timeoutMS', expected: expect.stringContaining('timeoutMs?') });
    for (const options of [7, null, [], [1], new Map(), Promise.resolve({}), new AbortController().signal, () => undefined]) {
      expect(await errorOf(call(options as object))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options', expected: 'an object' });
    }
  });

  test.each(calls)('%s takes no signal, and one of another realm', async (_name, call) => {
    await call({ signal: null });
    await call({ signal: undefined });
    const stop = runInNewContext('new AbortController()', { AbortController }) as AbortController;
    await call({ signal: stop.signal });
    stop.abort();
    expect(await errorOf(call({ signal: stop.signal }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
  });

  test.each(calls)('%s: a signal whose members throw is a typed error, or cancels', async (_name, call) => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const parts = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
    const broken = [
      { ...parts, addEventListener: fail },
      Object.defineProperty({ ...parts }, 'aborted', { get: fail }),
    ];
    for (const signal of broken) expect(await errorOf(call({ signal }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'signal' });
    await call({ signal: { ...parts, removeEventListener: fail } });
    const aborted = Object.defineProperty({ ...parts, aborted: true }, 'reason', { get: fail });
    expect(await errorOf(call({ signal: aborted }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', cause: { message: 'broken' } });
  });

  test('a signal of another make cancels a call that runs', async () => {
    const signal = Object.assign(new EventTarget(), { aborted: false });
    const cancelled = errorOf(host.tool('pending').call({ ms: 600_000 }, { signal: signal as unknown as AbortSignal }));
    signal.dispatchEvent(new Event('abort'));
    expect(await cancelled).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
  });

  test.each(calls)('%s refuses what is not an object of options, and one that cannot be read', async (_name, call) => {
    for (const options of [[], new Map(), new Date(), Promise.resolve({})]) expect(await errorOf(call(options))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options' });
    const unreadable = {
      get timeoutMs(): number {
        throw new Error('unreadable');
      },
    };
    expect(await errorOf(call(unreadable))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options', cause: { message: 'unreadable' } });
  });

  test('input of the wrong kind is refused', async () => {
    for (const json of [undefined, null, 5, {}, ['{}'], () => '{}', Buffer.from('{}')]) {
      expect(await errorOf(host.tool('echo').callRaw(json as never))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', expected: 'JSON text' });
    }
    for (const argv of [undefined, null, 5, 'Ada', {}, new Set(['Ada'])]) {
      expect(await errorOf(host.find('command', 'greet').run(argv as never))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '/argv' });
    }
  });

  test('a channel refuses a connection without onMessage, and options that cannot work', async () => {
    const channel = host.find('channel', 'loopback');
    expect(await errorOf(channel.connect({} as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'onMessage' });
    expect(await errorOf(channel.connect({ onMessage: 1 } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'onMessage' });
    expect(await errorOf(channel.connect([] as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options' });
    const onMessage = (): void => undefined;
    expect(await errorOf(channel.connect({ onMessage, Signal: 1 } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'Signal' });
    expect(await errorOf(channel.connect({ onMessage, signal: {} } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'signal' });
    const connection = await channel.connect({ onMessage });
    expect(await errorOf(connection.send({}, { timeoutMs: NaN }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'timeoutMs' });
    expect(await errorOf(connection.send({}, [] as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options' });
    await connection.disconnect();
  });

  test('a callback keeps that context over its own pauses, though the caller went on in another', async () => {
    const seen: (readonly [string | undefined, string | undefined])[] = [];
    const noting: Promise<void>[] = [];
    const note = async (): Promise<void> => {
      const before = context.getStore();
      await pause(1);
      seen.push([before, context.getStore()]);
    };
    const call = context.run('own', async () => {
      await pause(1);
      return host.tool('stream').call({ count: 20 }, { onChunk: () => void noting.push(note()) });
    });
    await context.run('other', () => call);
    await Promise.all(noting);
    expect(seen).toEqual(Array.from({ length: 20 }, () => ['own', 'own']));
  });

  test('callbacks run in the asynchronous context of their own call', async () => {
    const seen = new Map<string, Set<string | undefined>>();
    const note = (what: string): void => void (seen.get(what) ?? seen.set(what, new Set()).get(what)!).add(context.getStore());
    await Promise.all(['a', 'b'].map((id) => context.run(id, () => host.tool('stream').call({ count: 50 }, { onChunk: () => note(`chunk ${id}`) }))));
    await context.run('c', () => host.find('command', 'greet').run(['Ada'], { onOutput: () => note('output') }));
    await context.run('d', () => host.find('provider', 'parrot').chat({ messages: [{ content: 'a b' }] }, { onDelta: () => note('delta') }));
    const connection = await context.run('e', () => host.find('channel', 'loopback').connect({ onMessage: () => note('message') }));
    await context.run('f', () => connection.send({}));
    await connection.disconnect();
    expect(Object.fromEntries([...seen].map(([what, stores]) => [what, [...stores]]))).toEqual({
      'chunk a': ['a'],
      'chunk b': ['b'],
      output: ['c'],
      delta: ['d'],
      message: ['e'],
    });
  });
});

test('a signal that is none is refused, and does not keep the process alive', async () => {
  const script = `
    const host = await openHost(['good-c']);
    const { code } = await host.tool('echo').call({}, { signal: {} }).catch((error) => error);
    await host.registry.shutdownAll();
    console.log(JSON.stringify(code));`;
  expect(await answerOf(script)).toBe('ERR_OPTIONS');
});
