/** Cancel and deadline: what native code sees while it runs, and what the plugin takes afterwards. */
import { describe, expect, test } from '@jest/globals';
import { runChild } from '../support/child.js';
import { errorOf, timeoutInside, timeoutPending, openHost, recordOf, until } from '../support/host.js';

/** Milliseconds that no test waits. */
const LONG = 10_000;

describe('an AbortSignal that fires', () => {
  test('reaches native code that looks, which comes back long before its time', async () => {
    const host = await openHost(['cancel-count']);
    const controller = new AbortController();
    const call = errorOf(host.tool('work').call({ ms: LONG }, { signal: controller.signal }));
    await until(() => entered(host) === 1);
    controller.abort(new Error('changed my mind'));
    const error = await call;
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: true, capability: 'tool work', pluginId: 'cancel-count' });
    expect(error.cause).toMatchObject({ message: 'changed my mind' });
    // The plugin lets one thread in at a time: this one comes in only when the first has come out.
    expect(await host.tool('work').call({ ms: 0 })).toEqual({});
  });

  test('wakes native code that blocks, through its cancel entry', async () => {
    const host = await openHost(['good-c']);
    const controller = new AbortController();
    const calls = [1, 2, 3].map(() => errorOf(host.tool('wait_cancel').call({}, { signal: controller.signal })));
    controller.abort();
    for (const call of calls) expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    // All three workers are free again.
    const free = [1, 2, 3].map((i) => host.tool('echo').call({ i }));
    expect(await Promise.all(free)).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]);
  });

  test('stops a pending invocation, whose late completion is stale', async () => {
    const host = await openHost(['good-c']);
    const controller = new AbortController();
    let call: ReturnType<typeof errorOf> | undefined;
    await new Promise<void>((onPending) => {
      call = errorOf(host.tool('pending').callRaw(`{"ms":${LONG}}`, { signal: controller.signal, onPending }));
    });
    controller.abort();
    expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false });
  });

  test('before the call refuses it before anything is sent', async () => {
    const host = await openHost(['cancel-count']);
    const error = await errorOf(host.tool('work').call({ ms: LONG }, { signal: AbortSignal.abort('too late') }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false, cause: 'too late' });
    expect(counts(host)).toEqual({ entered: 0, known: 0, unknown: 0 });
  });

  test('takes an invocation that waits out of the queue; the plugin hears nothing of it', async () => {
    const host = await openHost(['cancel-count']);
    const [controller, last] = [new AbortController(), new AbortController()];
    const first = errorOf(host.tool('work').call({ ms: LONG }, { signal: last.signal }));
    const waiting = Array.from({ length: 20 }, () => errorOf(host.tool('work').call({ ms: LONG }, { signal: controller.signal })));
    await until(() => entered(host) === 1);
    controller.abort();
    for (const call of waiting) expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false });
    expect(counts(host)).toEqual({ entered: 1, known: 0, unknown: 0 });
    last.abort();
    await first;
    expect(counts(host)).toEqual({ entered: 1, known: 1, unknown: 0 });
  });

  test('once the answer is there changes nothing', async () => {
    const host = await openHost(['cancel-count']);
    const controller = new AbortController();
    await host.tool('work').call({ ms: 0 }, { signal: controller.signal });
    controller.abort();
    expect(counts(host)).toEqual({ entered: 1, known: 0, unknown: 0 });
  });

  test('calls the cancel entry once for an invocation that is inside', async () => {
    const host = await openHost(['cancel-count']);
    const controller = new AbortController();
    const call = errorOf(host.tool('work').call({ ms: LONG }, { signal: controller.signal }));
    await until(() => entered(host) === 1);
    controller.abort();
    await call;
    expect(counts(host)).toEqual({ entered: 1, known: 1, unknown: 0 });
  });
});

test('one signal for a hundred invocations gives no warning', async () => {
  const script = `
  const host = await openHost(['good-c']);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 100 }, () => host.tool('echo').call({}, { signal })));`;
  expect(await runChild(script)).toMatchObject({ code: 0, stderr: '' });
});

describe('what an invocation has caused through the host', () => {
  test('is cancelled with it', async () => {
    const host = await openHost(['good-c', 'cancel-count']);
    const controller = new AbortController();
    const input = { name: 'work', input: { ms: LONG } };
    const call = errorOf(host.tool('host_call').call(input, { signal: controller.signal }));
    await until(() => entered(host) === 1);
    controller.abort();
    expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    await until(() => counts(host).known === 1);
    expect(await host.tool('work').call({ ms: 0 })).toEqual({});
  });

  test('ends at its deadline', async () => {
    const host = await openHost(['good-c', 'cancel-count']);
    const input = { name: 'work', input: { ms: LONG } };
    expect(await errorOf(host.tool('host_call').call(input, { timeoutMs: 100 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    expect(await host.tool('work').call({ ms: 0 })).toEqual({});
  });
});

describe('a deadline that passes', () => {
  test('is a typed error; the plugin takes nothing until native code has returned, and then works again', async () => {
    const host = await openHost(['good-c']);
    const plugin = host.plugin('good-c');
    const error = await timeoutInside(() => host.tool('block').call({ ms: 3000 }, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 50, stillRunning: true, pluginId: 'good-c' });
    expect(recordOf(plugin)).toContain('tool block passed its deadline; its native call is still running');
    const busy = await errorOf(host.tool('echo').call({}));
    expect(busy).toMatchObject({ code: 'ERR_PLUGIN_BUSY', reason: 'tool block passed its deadline and is still running' });
    expect(() => host.tool('echo_inline').sync?.({})).toThrow(expect.objectContaining({ code: 'ERR_PLUGIN_BUSY' }));
    await until(() => recordOf(plugin).includes('tool block returned after its deadline'));
    expect(await host.tool('echo').call({ again: true })).toEqual({ again: true });
  });

  test('of a pending invocation leaves the plugin free', async () => {
    const host = await openHost(['good-c']);
    const error = await timeoutPending(() => host.tool('pending').call({ ms: LONG }, { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: false });
    expect(await host.tool('echo').call({})).toEqual({});
  });

  test('while it waits in the queue leaves the plugin alone', async () => {
    const host = await openHost(['cancel-count']);
    const first = host.tool('work').call({ ms: 3000 });
    const error = await errorOf(host.tool('work').call({ ms: LONG }, { timeoutMs: 20 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: false });
    await first;
    expect(counts(host)).toEqual({ entered: 1, known: 0, unknown: 0 });
    expect(recordOf(host.plugin('cancel-count'))).toBe('');
  });

  test('may be as long as one likes', async () => {
    const host = await openHost(['good-c']);
    for (const timeoutMs of [Infinity, 2 ** 31, 2 ** 40, undefined]) {
      expect(await host.tool('pending').call({ ms: 1 }, { timeoutMs })).toEqual({ ok: true });
    }
  });
});

describe('shutdown', () => {
  test('ends fifty calls that wait and the one inside, each with a typed error', async () => {
    const host = await openHost(['cancel-count']);
    const calls = Array.from({ length: 51 }, () => errorOf(host.tool('work').call({ ms: LONG })));
    await until(() => entered(host) === 1);
    const work = host.tool('work');
    const { failed } = await host.registry.shutdownAll();
    expect(failed).toEqual([]);
    for (const call of calls) expect(await call).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
    expect(await errorOf(work.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'retired' });
  });
});

interface Counts {
  readonly entered: number;
  /** Calls of the cancel entry, for invocations that were entered and for others. */
  readonly known: number;
  readonly unknown: number;
}

type Host = Awaited<ReturnType<typeof openHost>>;

const counts = (host: Host): Counts => host.tool('counts').sync?.({}) as Counts;
const entered = (host: Host): number => counts(host).entered;
