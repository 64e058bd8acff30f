/** Where invocations run: on the main thread, on workers, or on the plugin's own threads; how many at once, in which order. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { answerOf, inWorker } from '../support/child.js';
import { errorOf, openHost } from '../support/host.js';

const host = await openHost(['good-c']);

const threadOf = async (tool: string): Promise<string> => (await host.tool(tool).call<unknown, { thread: string }>({})).thread;
const mainThread = (host.tool('thread_id_inline').sync?.({}) as { thread: string }).thread;

describe('the three ways to run', () => {
  test('INLINE answers on the main thread, at once', async () => {
    expect(host.tool('echo_inline').sync?.({ at: 'once' })).toEqual({ at: 'once' });
    expect(host.tool('echo_inline').syncRaw?.('{"at":"once"}')).toBe('{"at":"once"}');
    expect(await threadOf('thread_id_inline')).toBe(mainThread);
  });

  test('the default answers on another thread', async () => {
    expect(await threadOf('thread_id')).not.toBe(mainThread);
  });

  test('PENDING is answered from a thread of the plugin’s own', async () => {
    expect(await host.tool('pending').call({ ms: 5 })).toEqual({ ok: true });
  });

  test('sync is there for INLINE tools and no others', () => {
    const withSync = host.registry.capabilities('tool').filter(({ sync, syncRaw }) => sync !== undefined || syncRaw !== undefined);
    expect(withSync.map(({ name }) => name).sort()).toEqual(['echo_inline', 'thread_id_inline']);
  });

  test('sync validates, and throws what call rejects with', () => {
    expect(() => host.tool('echo_inline').sync?.(7)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS', pointer: '' }));
  });

  test('a pending invocation keeps the process alive until it is answered', async () => {
    const script = `
    const host = await openHost(['good-c']);
    host.tool('pending').call({ ms: 300 }).then((answer) => console.log(JSON.stringify(answer)));`;
    expect(await answerOf(script)).toEqual({ ok: true });
  });
});

test('a worker has the mebibyte of stack that rule 8 promises, and more for the host functions', async () => {
  const script = `
  const host = await openHost(['inside-count']);
  console.log(JSON.stringify(await host.tool('use_stack').call({})));`;
  expect(await answerOf(script)).toEqual({ status: 1 });
});

describe('how many at once', () => {
  const stays = (of: Awaited<ReturnType<typeof openHost>>, count: number) =>
    Promise.all(Array.from({ length: count }, () => of.tool('stay').call({ ms: 10 })));

  test('one, in a plugin that is not thread-safe, in the order of the calls', async () => {
    const own = await openHost(['inside-count']);
    const answers = await stays(own, 20);
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => ({ order: i + 1 })));
    expect(own.tool('most_inside').sync?.({})).toEqual({ most: 1 });
  });

  test('several, in one that is; no more than there are threads', async () => {
    const own = await openHost(['inside-count-safe']);
    const mostInside = (): number => (own.tool('most_inside').sync?.({}) as { most: number }).most;
    // On a busy machine a call may be over before the next thread has begun.
    do await stays(own, 40);
    while (mostInside() <= 1);
    expect(mostInside()).toBeLessThanOrEqual(32);
  });

  test('with 64 in flight that do not return the file system still answers', async () => {
    const own = await openHost(['good-c']);
    const stop = new AbortController();
    let ended = 0;
    const waiting = Array.from({ length: 64 }, () => errorOf(own.tool('wait_cancel').call({}, { signal: stop.signal, timeoutMs: Infinity })).then(() => ended++));
    for (let i = 0; i < 10; i++) await readFile(new URL(import.meta.url));
    expect(ended).toBe(0);
    stop.abort();
    await Promise.all(waiting);
    expect(ended).toBe(64);
  });

  test('a pending invocation does not hold the place of the next', async () => {
    const calls = Array.from({ length: 100 }, () => host.tool('pending').call({ ms: 100 }));
    expect(await host.tool('echo').call({})).toEqual({});
    expect(await Promise.all(calls)).toHaveLength(100);
  });
});

describe('a host in a Worker, which has no runners', () => {
  test.each(['2', '1', '0', 'abc'])('plugins take turns, also where the pool has few threads (UV_THREADPOOL_SIZE=%s)', async (size) => {
    const script = inWorker(`
    const [a, b] = [await openHost(['inside-count']), await openHost(['inside-count-safe'])];
    const order = [];
    const calls = [];
    for (const [name, host] of [['a', a], ['b', b]]) {
      for (let i = 0; i < 10; i++) calls.push(host.tool('stay').call({ ms: 2 }).then(() => order.push(name)));
    }
    await Promise.all(calls);
    console.log(JSON.stringify(order.join('')));`);
    expect(await answerOf(script, { env: { UV_THREADPOOL_SIZE: size } })).toMatch(/^a{1,2}(ba){8,9}/);
  });

  test('it calls on threads of libuv, of which one is left to Node', async () => {
    const script = inWorker(`
    const host = await openHost(['inside-count-safe']);
    await Promise.all(Array.from({ length: 12 }, () => host.tool('stay').call({ ms: 5 })));
    const { most } = host.tool('most_inside').sync({});
    console.log(JSON.stringify({ most }));`);
    const { most } = (await answerOf(script, { env: { UV_THREADPOOL_SIZE: '4' } })) as { most: number };
    expect(most).toBeLessThanOrEqual(3);
  });
});

test('parameters that do not fit the schema never reach the plugin', async () => {
  const own = await openHost(['inside-count']);
  expect(await errorOf(own.tool('stay').call('text'))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '', found: '"text"' });
  expect(await own.tool('stay').call({ ms: 0 })).toEqual({ order: 1 });
});
