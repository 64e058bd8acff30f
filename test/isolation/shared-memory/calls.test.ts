/** Isolated calls through shared memory, with real plugins in real children. */
import { describe, expect } from '@jest/globals';
import path from 'node:path';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { errorOf, pause, until } from '../../support/host.js';
import { answerOf } from '../../support/child.js';
import { openIn } from '../homes.js';
import { canShare } from './memory.js';

const test = testWhere(canShare, 'memory is shared on Linux, x64 and arm64');
const RESTART = { firstPauseMs: 0, longestPauseMs: 0, most: Infinity };
const heapOf = (length: number): string => JSON.stringify({ a: 'x'.repeat(length) });

describe('the transport of a child', () => {
  test('is shared memory by itself, and the socket if the host says so or plugins share the child', async () => {
    const [auto, socket] = [await openIn('process', ['good-c']), await openIn('process', ['good-c'], { transport: 'socket' })];
    expect([auto.remote('good-c').transport, socket.remote('good-c').transport]).toEqual(['shared memory', 'socket']);
    expect(await socket.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  });

  test('is no descriptor of the child, nor of a program that it starts; and nothing of it is left when the child has ended', async () => {
    const mapped = (): number => readFileSync('/proc/self/maps', 'utf8').split('memfd:aisopod-plugin').length - 1;
    const before = mapped();
    const host = await openIn('process', ['good-c']);
    expect(mapped()).toBe(before + 1);
    const { pid = 0 } = host.remote('good-c');
    const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(targets.filter((target) => target.includes('memfd'))).toEqual([]);
    expect(readFileSync(`/proc/${pid}/fdinfo/13`, 'utf8')).toMatch(/^flags:\s+0?2/m); // O_CLOEXEC is 02000000
    await host.registry.shutdownAll();
    expect(mapped()).toBe(before);
  });

  test('is the socket where the child may start no Worker', async () => {
    const childEntry = path.join(projectRoot, 'test/isolation/shared-memory/no-worker.cjs');
    const host = await openIn('process', ['good-c'], { childEntry });
    expect(host.remote('good-c').transport).toBe('socket');
    expect(host.tool('echo_inline').sync).toBeUndefined();
    expect(await Promise.all([1, 2, 3].map((i) => host.tool('echo').call({ i })))).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]);
  });

  test('is the socket where so many addresses are not allowed', async () => {
    const folder = JSON.stringify(temporaryFolder());
    const script = `
      const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [${JSON.stringify(folderOf('good-c'))}], stateDir: ${folder}, dataDir: ${folder} + '/data', isolation: 'process' });
      const { transport } = host.explain('good-c');
      console.log(JSON.stringify({ transport, echo: await host.find('tool', 'echo').call({ a: 1 }) }));
      await host.close();`;
    expect(await answerOf(script, { before: 'ulimit -v 2300000' })).toEqual({ transport: 'socket', echo: { a: 1 } });
  });
});

describe('a synchronous call of an INLINE tool', () => {
  test('is answered on this thread, also while another call blocks', async () => {
    const host = await openIn('process', ['good-c'], { syncTimeoutMs: 1000 });
    expect(host.tool('echo').sync).toBeUndefined();
    const inline = host.tool('echo_inline');
    for (let i = 0; i < 100; i++) expect(inline.sync?.({ i, text: 'é' })).toEqual({ i, text: 'é' });
    expect(inline.syncRaw?.(heapOf(200_000))).toHaveLength(200_008);
    const stop = new AbortController();
    const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
    await pause(20);
    for (let i = 0; i < 10; i++) expect(inline.sync?.({ i })).toEqual({ i });
    stop.abort();
    await sleeping;
  });

  test('is none over the socket', async () => {
    const host = await openIn('process', ['good-c'], { transport: 'socket' });
    expect(host.tool('echo_inline').sync).toBeUndefined();
  });

  test('that takes too long is a typed error; its late answer is dropped, and a child that hangs is killed', async () => {
    const host = await openIn('process', ['crasher'], { syncTimeoutMs: 10, graceMs: 50, restart: RESTART });
    const plugin = host.remote('crasher');
    const hang = () => errorOf(Promise.resolve().then(() => host.tool('inline').sync?.({ fault: 'sleep' })));
    expect(await hang()).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', capability: 'tool inline', timeoutMs: 10 });
    // On a busy machine a call may not have begun in time: then it is taken back, and nobody is killed.
    for (; plugin.restarts === 0 && plugin.state === 'active'; await pause(100)) await hang();
    await until(() => plugin.restarts === 1 && plugin.state === 'active');
    expect(await host.tool('inline').call({ fault: 'none' })).toEqual({ survived: true });
  });
});

describe('a call through shared memory', () => {
  test('carries text of every size, and answers larger than the room that was lent', async () => {
    const host = await openIn('process', ['good-c']);
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
    const host = await openIn('process', ['good-c']);
    for (let i = 0; i < 50; i++) await host.tool('owned').callRaw('{"bytes":100}');
    await Promise.all(Array.from({ length: 50 }, () => host.tool('owned').callRaw('{"bytes":70000}')));
    expect(await host.tool('released').call({})).toEqual({ released: 100 });
  });

  test('comes in order for a plugin that is not thread-safe, whichever way each call goes', async () => {
    const host = await openIn('process', ['memory-attacker'], { maxPayloadBytes: 64 << 20 });
    const order: number[] = [];
    const large = heapOf(17 << 20); // too large for the memory
    const calls = [heapOf(1), large, heapOf(2), heapOf(100_000), heapOf(3)].map((text, i) => host.tool('echo').callRaw(text).catch(() => undefined).then(() => order.push(i)));
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test('is told after what the plugin had logged before', async () => {
    const host = await openIn('process', ['good-c']);
    for (let i = 0; i < 50; i++) {
      await host.tool('log').call({ message: `line ${i}`, level: 1 });
      expect(host.log.at(-1)?.message).toBe(`line ${i}`);
    }
  });

  test('that blocks holds up no INLINE call', async () => {
    const host = await openIn('process', ['good-c']);
    const stop = new AbortController();
    const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
    for (let i = 0; i < 20; i++) expect(await host.tool('echo_inline').call({ i })).toEqual({ i });
    stop.abort();
    expect(await sleeping).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  });

  test('of a thread-safe plugin that blocks is no reason for others to wait', async () => {
    const host = await openIn('process', ['inside-count-safe']);
    await Promise.all(Array.from({ length: 8 }, () => host.tool('stay').call({ ms: 300 })));
    const { most } = (await host.tool('most_inside').call({})) as { most: number };
    expect(most).toBeGreaterThan(1);
  });

  test('of a plugin that is not thread-safe never meets another in the plugin, however each is sent', async () => {
    const host = await openIn('process', ['inside-count'], { maxPayloadBytes: 64 << 20 });
    const stay = host.tool('stay');
    const pad = 'x'.repeat(17 << 20); // too large for the memory
    await Promise.all(Array.from({ length: 40 }, (_, i) => stay.call({ ms: i % 3, ...(i % 10 === 5 && { pad }) })));
    expect(await host.tool('most_inside').call({})).toEqual({ most: 1 });
  });

  test('is never left lying, whenever the last one was: each side wakes the other', async () => {
    const host = await openIn('process', ['good-c']);
    const [echo, inline] = [host.tool('echo'), host.tool('echo_inline')];
    for (let i = 0; i < 1500; i++) {
      const end = performance.now() + Math.random() * 0.2; // about as long as either side looks before it sleeps
      while (performance.now() < end);
      if (i % 7 === 0) await pause(1);
      expect(await (i % 2 === 0 ? echo : inline).call({ i })).toEqual({ i });
    }
  });

  test('that was taken back before it began never runs', async () => {
    const host = await openIn('process', ['good-c']);
    const blocked = host.tool('block').call({ ms: 300 });
    const stop = new AbortController();
    const waiting = errorOf(host.tool('owned').call({ bytes: 1 }, { signal: stop.signal }));
    stop.abort();
    expect(await waiting).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED', stillRunning: false });
    expect(await blocked).toEqual({ blocked: true });
    expect(await host.tool('released').call({})).toEqual({ released: 0 });
  });

  test('ends with its child, wherever that ends, and the next child starts afresh', async () => {
    const host = await openIn('process', ['good-c'], { restart: RESTART });
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

test('a child with nothing to do does nothing: no thread of it runs for a second', async () => {
  const host = await openIn('process', ['good-c'], { heartbeatMs: Infinity });
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
