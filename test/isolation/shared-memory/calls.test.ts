/** What only children with shared memory have, with real plugins. */
import { describe, expect } from '@jest/globals';
import path from 'node:path';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { errorOf, pause, until, whenQuick } from '../../support/host.js';
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
    // Each arena of malloc takes addresses, and how many there are depends on how threads meet.
    const script = (transport: string): string => `
      const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [${JSON.stringify(folderOf('good-c'))}], stateDir: ${folder}, dataDir: ${folder} + '/data', isolation: 'process', processes: { transport: '${transport}', env: { MALLOC_ARENA_MAX: '1' } } });
      const { transport, pid } = host.explain('good-c');
      const echo = await host.find('tool', 'echo').call({ a: 1 });
      const addresses = (of) => Number(/VmPeak:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/' + of + '/status', 'utf8'))[1]);
      console.log(JSON.stringify({ transport, echo, host: addresses('self'), child: addresses(pid) }));
      await host.close();`;
    const answer = async (transport: string, before = ':') =>
      (await answerOf(script(transport), { before: `export MALLOC_ARENA_MAX=1; ${before}` })) as { host: number; child: number };
    const [socket, shared] = [await answer('socket'), await answer('auto')];
    // The child fits, and the memory does not: a host that could map it would have nothing left for its heap.
    const [least, most] = [Math.max(socket.host, socket.child), Math.min(shared.host, shared.child)];
    expect(most).toBeGreaterThan(least);
    const limited = await answer('auto', `ulimit -v ${(least + most) >> 1}`); // in KiB
    expect(limited).toMatchObject({ transport: 'socket', echo: { a: 1 } });
  });
});

describe('a synchronous call of an INLINE tool', () => {
  test('is answered on this thread, also while another call blocks', async () => {
    const host = await openIn('process', ['good-c'], { syncTimeoutMs: 1000 });
    expect(host.tool('echo').sync).toBeUndefined();
    const inline = host.tool('echo_inline');
    for (let i = 0; i < 100; i++) expect(await whenQuick(() => inline.sync?.({ i, text: 'é' }))).toEqual({ i, text: 'é' });
    const isLargeAnswered = async () => expect(await whenQuick(() => inline.syncRaw?.(heapOf(400_000)))).toHaveLength(400_008);
    await isLargeAnswered();
    const stop = new AbortController();
    const sleeping = errorOf(host.tool('sleep').call({ ms: 600_000 }, { signal: stop.signal, timeoutMs: Infinity }));
    await pause(20);
    for (let i = 0; i < 10; i++) expect(await whenQuick(() => inline.sync?.({ i }))).toEqual({ i });
    await isLargeAnswered(); // by another thread of the child
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
