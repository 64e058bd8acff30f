/** Isolated calls through slots: in memory that is shared with the host, or in the child alone, with a socket between. */
import { describe, expect } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { testWhere } from '../support/fixtures.js';
import { errorOf, pause, until } from '../support/host.js';
import { mostInside, openIn } from './homes.js';
import { canShare } from './shared-memory/memory.js';

const RESTART = { firstPauseMs: 0, longestPauseMs: 0, most: Infinity };
const heapOf = (length: number): string => JSON.stringify({ a: 'x'.repeat(length) });

describe.each([
  ['process', canShare, 'memory is shared on Linux, x64 and arm64'],
  ['socket', process.platform !== 'win32', 'Windows has no socket for calls'],
] as const)('%s', (home, isThere, why) => {
  const test = testWhere(isThere, why);

  describe('a call', () => {
    test('carries text of every size, and answers larger than the room that was lent', async () => {
      const host = await openIn(home, ['good-c']);
      for (const length of [0, 10, 21_000, 22_000, 65_000, 66_000, 1 << 20, 5 << 20]) {
        const text = heapOf(length);
        expect((await host.tool('echo').callRaw(text)) === text).toBe(true);
      }
      for (const bytes of [10, 65_534, 65_535, 1_000_000, 3_000_000]) {
        for (let i = 0; i < 3; i++) expect(await host.tool('owned').callRaw(JSON.stringify({ bytes }))).toHaveLength(bytes + 2);
      }
      expect(await host.tool('released').call({})).toMatchObject({ released: expect.any(Number) });
      const wide = JSON.stringify({ a: '漢'.repeat(30_000) });
      expect((await host.tool('echo').callRaw(wide)) === wide).toBe(true);
    });

    test('each piece of memory that the plugin answered with is given back once', async () => {
      const host = await openIn(home, ['good-c']);
      for (let i = 0; i < 50; i++) await host.tool('owned').callRaw('{"bytes":100}');
      await Promise.all(Array.from({ length: 50 }, () => host.tool('owned').callRaw('{"bytes":70000}')));
      expect(await host.tool('released').call({})).toEqual({ released: 100 });
    });

    test('comes in order for a plugin that is not thread-safe, whichever way each call goes', async () => {
      const host = await openIn(home, ['memory-attacker'], { maxPayloadBytes: 64 << 20 });
      const order: number[] = [];
      const large = heapOf(17 << 20); // too large for a slot
      const calls = [heapOf(1), large, heapOf(2), heapOf(100_000), heapOf(3)].map((text, i) => host.tool('echo').callRaw(text).catch(() => undefined).then(() => order.push(i)));
      await Promise.all(calls);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    });

    test('is told after what the plugin had logged before', async () => {
      const host = await openIn(home, ['good-c']);
      for (let i = 0; i < 50; i++) {
        await host.tool('log').call({ message: `line ${i}`, level: 1 });
        expect(host.log.at(-1)?.message).toBe(`line ${i}`);
      }
    });

    test('that blocks holds up no INLINE call', async () => {
      const host = await openIn(home, ['good-c']);
      const stop = new AbortController();
      const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
      for (let i = 0; i < 20; i++) expect(await host.tool('echo_inline').call({ i })).toEqual({ i });
      stop.abort();
      expect(await sleeping).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
      expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
    });

    test('of a thread-safe plugin that blocks is no reason for others to wait', async () => {
      const host = await openIn(home, ['inside-count-safe']);
      expect(await mostInside(host, 8, 300)).toBeGreaterThan(1);
    });

    test('of a plugin that is not thread-safe never meets another in the plugin, however each is sent', async () => {
      const host = await openIn(home, ['inside-count'], { maxPayloadBytes: 64 << 20 });
      const stay = host.tool('stay');
      const pad = 'x'.repeat(17 << 20); // too large for a slot
      await Promise.all(Array.from({ length: 40 }, (_, i) => stay.call({ ms: i % 3, ...(i % 10 === 5 && { pad }) })));
      expect(await host.tool('most_inside').call({})).toEqual({ most: 1 });
    });

    test('is never left lying, whenever the last one was: each side wakes the other', async () => {
      const host = await openIn(home, ['good-c']);
      const [echo, inline] = [host.tool('echo'), host.tool('echo_inline')];
      for (let i = 0; i < 1500; i++) {
        const end = performance.now() + Math.random() * 0.2; // about as long as either side looks before it sleeps
        while (performance.now() < end);
        if (i % 7 === 0) await pause(1);
        expect(await (i % 2 === 0 ? echo : inline).call({ i })).toEqual({ i });
      }
    });

    test('is answered although the next one blocks', async () => {
      const host = await openIn(home, ['good-c']);
      for (let i = 0; i < 20; i++) {
        const stop = new AbortController();
        const echoes = [1, 2, 3].map((n) => host.tool('echo').call({ n }));
        const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
        expect(await Promise.all(echoes)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
        stop.abort();
        await sleeping;
      }
    });

    test('that took a while is answered although the next one blocks', async () => {
      const host = await openIn(home, ['inside-count']);
      const stay = host.tool('stay');
      for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 10 }, () => stay.call({ ms: 0 }))); // answers are sent quickly now
      let soon: readonly number[] = [];
      // Nothing can be said where the host got no processor for two seconds: then once more.
      for (let tries = 0; soon.length !== 1 && tries < 10; tries++) {
        const answered: number[] = [];
        const calls = [30, 2000].map((ms) => stay.call({ ms }).then(() => answered.push(ms)));
        await calls[0];
        await pause(100); // an answer that was held back comes with the next one
        soon = [...answered];
        await Promise.all(calls);
      }
      expect(soon).toEqual([30]);
    });

    test('that is cancelled while it waits behind another never runs', async () => {
      const host = await openIn(home, ['good-c']);
      const [sleep, stop] = [new AbortController(), new AbortController()];
      const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: sleep.signal, timeoutMs: Infinity }));
      const waiting = Array.from({ length: 10 }, () => errorOf(host.tool('owned').call({ bytes: 1 }, { signal: stop.signal })));
      stop.abort();
      for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
      expect(await host.tool('echo_inline').call({ a: 1 })).toEqual({ a: 1 }); // on another thread, so the child has heard of the cancel
      sleep.abort();
      await sleeping;
      expect(await host.tool('released').call({})).toEqual({ released: 0 });
    });

    testWhere(isThere && home === 'process', 'only the child knows what has begun')('that was taken back before it began never runs', async () => {
      const host = await openIn(home, ['good-c']);
      const blocked = host.tool('block').call({ ms: 300 });
      const stop = new AbortController();
      const waiting = errorOf(host.tool('owned').call({ bytes: 1 }, { signal: stop.signal }));
      stop.abort();
      expect(await waiting).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false });
      expect(await blocked).toEqual({ blocked: true });
      expect(await host.tool('released').call({})).toEqual({ released: 0 });
    });

    test('ends with its child, wherever that ends, and the next child starts afresh', async () => {
      const host = await openIn(home, ['good-c'], { restart: RESTART });
      const plugin = host.remote('good-c');
      for (let round = 1; round <= 5; round++) {
        const calls = Array.from({ length: 100 }, (_, i) => host.tool('echo').callRaw(heapOf(i * 500)).then(() => 'answered', ({ code }) => code as string));
        if (round % 2 === 0) await pause(2);
        process.kill(plugin.pid ?? 0, 'SIGKILL');
        for (const end of await Promise.all(calls)) expect(['answered', 'ERR_PLUGIN_CRASHED']).toContain(end);
        await until(() => plugin.restarts === round && plugin.state === 'active');
        expect(await host.tool('echo').call({ round })).toEqual({ round });
      }
    });
  });

  testWhere(isThere && process.platform === 'linux', 'needs /proc')('programs that a plugin starts get no descriptor of it', async () => {
    const host = await openIn(home, ['good-c']);
    const { pid = 0 } = host.remote('good-c');
    for (const fd of readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) >= 13)) {
      const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
      expect([fd, Number.parseInt(flags, 8) & 0o2000000]).toEqual([fd, 0o2000000]); // O_CLOEXEC
    }
  });

  testWhere(isThere && process.platform === 'linux', 'needs /proc')('a child with nothing to do does nothing: no thread of it runs for a second', async () => {
    const host = await openIn(home, ['good-c'], { heartbeatMs: Infinity });
    for (let i = 0; i < 200; i++) await host.tool('echo').call({ i });
    const { pid = 0 } = host.remote('good-c');
    const switches = (): number =>
      readdirSync(`/proc/${pid}/task`)
        .map((task) => (/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')))?.[1])
        .reduce((sum, count) => sum + Number(count), 0);
    for (let before = -1, now = switches(); now !== before; now = switches()) {
      before = now;
      await pause(1000);
    }
  });
});
