/** Many calls at once: what a plugin cannot take yet waits in the host, where it costs its process nothing. */
import { describe, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { MAX_PREFETCH } from '../../src/isolation/proxy/send-queue.js';
import { MAX_RUNNERS } from '../../src/native/runners/thread-pool.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import { timeoutInside, until } from '../support/host.js';
import { openIn, type HomeHost } from './homes.js';

const MANY = 10_000;
/** How each of `count` calls ends: `ok`, or a code, and whether it was waiting then. */
async function endsOf(count: number, call: (i: number) => Promise<unknown>): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  const end = async (i: number): Promise<void> => {
    const how = await call(i).then(
      () => 'ok',
      ({ code, waited }: { code: string; waited?: boolean }) => `${code}${waited === true ? ', waiting' : ''}`,
    );
    ends.set(how, (ends.get(how) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: count }, (_, i) => end(i)));
  return ends;
}

const restartsOf = (host: HomeHost): number => (host.plugin('good-c') as Partial<ReturnType<HomeHost['remote']>>).restarts ?? 0;

/** In this process a plugin that was overtaken by a deadline refuses calls until it is out. */
async function goesOn(host: HomeHost): Promise<void> {
  for (;;) {
    const code = await host.tool('echo').call({}).then(() => 'ok', (error: { code: string }) => error.code);
    if (code === 'ok') return;
    expect(code).toBe('ERR_PLUGIN_BUSY');
    await turn();
  }
}

describe.each(['in-process', 'process', 'socket'] as const)('%s', (home) => {
  test('ten thousand calls at once are all answered', async () => {
    const host = await openIn(home, ['good-c']);
    const ends = await endsOf(MANY, async (i) => expect(await host.tool('echo').call({ i })).toEqual({ i }));
    expect(Object.fromEntries(ends)).toEqual({ ok: MANY });
    expect(restartsOf(host)).toBe(0);
  });

  test('ten thousand calls with short deadlines end as answered or late, most of them never started, and harm nobody', async () => {
    const host = await openIn(home, ['good-c']);
    const ends = await endsOf(MANY, () => host.tool('sleep').call({ ms: 5 }, { timeoutMs: 100 }));
    for (const end of ends.keys()) expect(['ok', 'ERR_INVOCATION_TIMEOUT', 'ERR_INVOCATION_TIMEOUT, waiting']).toContain(end);
    expect(ends.get('ERR_INVOCATION_TIMEOUT, waiting')).toBeGreaterThan(MANY / 2);
    await goesOn(host);
    expect(restartsOf(host)).toBe(0);
  });

  test('ten thousand calls with one signal have one listener on it, and all hear it', async () => {
    const host = await openIn(home, ['good-c']);
    const javaScript = definePlugin({ id: 'waits', register: (api) => api.registerTool({ name: 'wait', call: () => new Promise(() => undefined) }) });
    await host.registry.register(javaScript);
    await host.registry.init('waits');
    const stop = new AbortController();
    const { signal } = stop;
    const native = endsOf(MANY, () => host.tool('wait_cancel').call({}, { signal }));
    const inJavaScript = endsOf(MANY, () => host.tool('wait').call({}, { signal }));
    await turn();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    stop.abort();
    for (const ends of [await native, await inJavaScript]) expect(Object.fromEntries(ends)).toEqual({ ERR_INVOCATION_CANCELLED: MANY });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await goesOn(host);
    expect(restartsOf(host)).toBe(0);
  });
});

test('one that hangs has its process killed; of those behind it only the few that were sent are lost', async () => {
  const host = await openIn('process', ['good-c'], { graceMs: 100 });
  const hanging = timeoutInside(() => host.tool('block').call({ ms: 3_600_000 }, { timeoutMs: 100 }));
  const behind = await endsOf(1000, () => host.tool('echo').call({}, { timeoutMs: Infinity }));
  expect(await hanging).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', stillRunning: true });
  const lost = behind.get('ERR_PLUGIN_CRASHED') ?? 0;
  // All that its process may have at once, without the one that hangs: on a starved machine none of them may have been answered yet.
  expect(lost).toBeLessThan(MAX_RUNNERS + MAX_PREFETCH);
  expect(behind.get('ok')).toBe(1000 - lost);
  await until(() => restartsOf(host) === 1);
});

test('an INLINE call does not wait behind those that block', async () => {
  const host = await openIn('process', ['good-c']);
  const stop = new AbortController();
  const blocked = endsOf(200, () => host.tool('wait_cancel').call({}, { signal: stop.signal }));
  expect(await host.tool('echo_inline').call({ past: 'them' })).toEqual({ past: 'them' });
  stop.abort();
  expect(Object.fromEntries(await blocked)).toEqual({ ERR_INVOCATION_CANCELLED: 200 });
});
