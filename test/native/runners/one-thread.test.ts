/** AISOPOD_PLUGIN_ONE_THREAD: every call of the plugin, from register on, comes on the same thread, in both homes. */
import { describe, expect, test } from '@jest/globals';
import { openIn, type Home } from '../../isolation/homes.js';
import { canShare } from '../../isolation/shared-memory/memory.js';
import { whenQuick } from '../../support/host.js';

describe.each<Home>(['in-process', 'process', 'socket'])('%s', (home) => {
  test('invocations, INLINE ones too, release and on_reply, beside those of another plugin', async () => {
    const host = await openIn(home, ['good-c', 'one-thread']);
    const others = async (tool: string): Promise<unknown> => host.tool(tool).call({});
    const busy = Array.from({ length: 50 }, () => host.tool('echo').call({}));
    const calls = Array.from({ length: 20 }, () => [others('threads'), others('threads_inline'), others('threads_owned'), others('threads_ask')]).flat();
    await Promise.all([...busy, ...calls]);
    expect(await others('threads')).toEqual({ others: 0 });
  });

  test('after a pause in which others took all idle threads', async () => {
    const host = await openIn(home, ['inside-count-safe', 'one-thread']);
    await host.tool('threads').call({});
    await Promise.all(Array.from({ length: 20 }, () => host.tool('stay').call({ ms: 5 })));
    expect(await host.tool('threads').call({})).toEqual({ others: 0 });
  });

  test('INLINE tools have no sync where that would be the main thread', async () => {
    const host = await openIn(home, ['one-thread'], { syncTimeoutMs: 1000 });
    expect(await whenQuick(() => host.tool('threads_inline').sync?.({}))).toEqual(home === 'process' && canShare ? { others: 0 } : undefined);
  });
});
