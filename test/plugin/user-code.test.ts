/** Code of the host's own author that throws, never ends, or passes the wrong thing: the plugin and the host go on. */
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { errorOf, openHost, timeoutPending, until, pause } from '../support/host.js';

describe('a logger that throws', () => {
  // In a process of its own: an exception that escapes from a timer or a native callback would end it.
  const HOST = `
  const fail = () => { throw new Error('disk full'); };
  const host = await openHost(['good-c'], { logger: { debug: fail, info: fail, warn: fail, error: fail } });`;

  test('keeps no plugin from loading, working and ending', async () => {
    const script = `${HOST}
    const answer = await host.tool('echo').call({ a: 1 });
    const logged = await host.tool('log').call({ message: 'lost' }).catch(({ code }) => code);
    const { failed } = await host.registry.shutdownAll();
    console.log(JSON.stringify({ answer, logged, failed }));`;
    expect(await answerOf(script)).toEqual({ answer: { a: 1 }, logged: { logged: true }, failed: [] });
  });

  test('keeps no invocation from ending at its deadline, nor its plugin from working afterwards', async () => {
    const script = `${HOST}
    const codes = [];
    for (let i = 0; i < 3; i++) {
      await host.tool('block').call({ ms: 1000 }, { timeoutMs: 20 }).catch(({ code }) => codes.push(code));
      // Busy until the native call has returned.
      while (!(await host.tool('echo').call({}).then(() => true, () => false))) await pause(20);
    }
    const answer = await host.tool('echo').call({ a: 1 });
    console.log(JSON.stringify({ codes, answer }));`;
    const codes = Array.from({ length: 3 }, () => 'ERR_INVOCATION_TIMEOUT');
    expect(await answerOf(script)).toEqual({ codes, answer: { a: 1 } });
  });
});

describe('onChunk', () => {
  test('that throws ends the invocation with what it threw; the plugin is told', async () => {
    const host = await openHost(['good-c']);
    const seen: unknown[] = [];
    const thrown = new Error('no more');
    const onChunk = (chunk: unknown): void => {
      seen.push(chunk);
      if (seen.length === 3) throw thrown;
    };
    expect(await errorOf(host.tool('stream').call({ count: 100_000 }, { onChunk }))).toBe(thrown);
    // `stream` would emit for long yet; that another call gets in at once on each worker shows that it stopped.
    await Promise.all([1, 2, 3].map((i) => host.tool('echo').call({ i })));
    await pause(20);
    expect(seen).toHaveLength(3);
  });

  test('that rejects does so too', async () => {
    const host = await openHost(['good-c']);
    const onChunk = (): Promise<void> => Promise.reject(new TypeError('rejected'));
    expect(await errorOf(host.tool('stream').call({ count: 10 }, { onChunk }))).toBeInstanceOf(TypeError);
  });

  test('that never resolves holds only its own invocation, until that is cancelled', async () => {
    const host = await openHost(['good-c']);
    const controller = new AbortController();
    const seen: unknown[] = [];
    const onChunk = (chunk: unknown): Promise<void> => {
      seen.push(chunk);
      return new Promise(() => undefined);
    };
    const call = errorOf(host.tool('stream').call({ count: 100_000 }, { onChunk, signal: controller.signal }));
    await until(() => seen.length === 1);
    expect(await host.tool('echo').call({})).toEqual({});
    controller.abort();
    expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    await pause(20);
    expect(seen).toHaveLength(1);
  });

  test('that never resolves after the last chunk does not outlast the deadline', async () => {
    const host = await openHost(['good-c']);
    const onChunk = (): Promise<void> => new Promise(() => undefined);
    const error = await timeoutPending(() => host.tool('stream').call({ count: 2 }, { onChunk, timeoutMs: 100 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: false });
  });

  test('may abort its own invocation', async () => {
    const host = await openHost(['good-c']);
    const controller = new AbortController();
    const onChunk = (): void => controller.abort();
    const call = errorOf(host.tool('stream').call({ count: 100_000 }, { onChunk, signal: controller.signal }));
    expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    expect(await host.tool('echo').call({})).toEqual({});
  });

  test('may call the same plugin', async () => {
    const host = await openHost(['good-c']);
    const inner: unknown[] = [];
    const onChunk = async (chunk: unknown): Promise<void> => {
      inner.push(await host.tool('echo').call(chunk));
    };
    await host.tool('stream').call({ count: 5 }, { onChunk });
    expect(inner.map((chunk) => (chunk as { i: number }).i)).toEqual([0, 1, 2, 3, 4]);
  });

  test('may shut the plugin down', async () => {
    const host = await openHost(['good-c']);
    const onChunk = (): void => void host.registry.shutdownAll();
    const stream = host.tool('stream');
    expect(await errorOf(stream.call({ count: 100_000 }, { onChunk }))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
    await until(() => host.registry.list().length === 0);
  });
});

describe('callRaw of what is no text', () => {
  test.each<[string, unknown]>([
    ['a Buffer', Buffer.from('{}')],
    ['a String object', new String('{}')],
    ['an array', ['{}']],
    ['a number', 7],
    ['undefined', undefined],
    ['null', null],
  ])('%s is refused, on a worker and on the main thread, and nothing is stuck', async (_name, wrong) => {
    const host = await openHost(['cancel-count']);
    for (let i = 0; i < 5; i++) {
      await errorOf(host.tool('work').callRaw(wrong as string));
      await errorOf(host.tool('counts').callRaw(wrong as string));
      expect(() => host.tool('counts').syncRaw?.(wrong as string)).toThrow();
    }
    expect(await host.tool('work').call({ ms: 0 })).toEqual({});
    expect((await host.registry.shutdownAll()).failed).toEqual([]);
  });
});

test('a logger that calls the plugin back from inside its own host function does no harm', async () => {
  const inner: unknown[] = [];
  const host = await openHost(['inside-count'], {
    logger: {
      debug: () => undefined,
      info: () => {
        if (inner.length < 40) inner.push(host.tool('log_inline').sync?.({}));
      },
      warn: () => undefined,
      error: () => undefined,
    },
  });
  expect(host.tool('log_inline').sync?.({})).toEqual({ status: 1 });
  expect(await host.tool('stay').call({ ms: 0 })).toMatchObject({ order: 1 });
});
