import { describe, expect, test } from '@jest/globals';
import { gate } from '../capability/active-plugin.js';
import { folderOf } from '../support/fixtures.js';
import { errorOf, until } from '../support/host.js';
import { NEVER, open, plain, statesOf } from './host.js';

test('plugins end in reverse order, and the result says so', async () => {
  const ended: string[] = [];
  const recorded = (id: string) => plain(id, { shutdown: () => void ended.push(id) });
  const host = await open({ plugins: [recorded('a'), recorded('b'), recorded('c')] });
  expect(await host.close()).toEqual({ ended: ['c', 'b', 'a'], failed: [] });
  expect(ended).toEqual(['c', 'b', 'a']);
  expect(statesOf(host).map(([, state]) => state)).toEqual(['retired', 'retired', 'retired']);
});

test('await using closes', async () => {
  let ended = false;
  {
    await using host = await open({ plugins: [plain('a', { shutdown: () => void (ended = true) })] });
    expect(host.tools).toHaveLength(1);
  }
  expect(ended).toBe(true);
});

test('closing again gives the same result', async () => {
  const host = await open({ plugins: [plain('a')] });
  const [first, second] = await Promise.all([host.close(), host.close()]);
  expect(second).toBe(first);
  expect(await host.close()).toBe(first);
});

test('what will not end is named with its error; the others end', async () => {
  const host = await open({ pluginDirs: [folderOf('good-c', 'shutdown-fails', 'shutdown-hangs')], timeouts: { shutdown: 300 }, processes: { env: { AISOPOD_FIXTURE_HANG_MS: '600000' } } });
  const { ended, failed } = await host.close();
  expect(ended).toEqual(['good-c']);
  expect(failed.map(({ id, error }) => [id, 'code' in error && error.code])).toEqual([
    ['shutdown-hangs', 'ERR_LIFECYCLE_TIMEOUT'],
    ['shutdown-fails', 'ERR_SHUTDOWN_FAILED'],
  ]);
  expect(host.explain('shutdown-hangs')).toMatchObject({ state: 'failed', step: 'shutdown', code: 'ERR_LIFECYCLE_TIMEOUT' });
  await until(() => host.explain('shutdown-hangs')?.events.at(-1)?.message.includes('after its deadline') === true);
});

test('the result is in the order in which the shutdowns began, not in that of their ends', async () => {
  const last = gate();
  const host = await open({
    plugins: [
      plain('quick-fails', { shutdown: () => { last.open(); throw new Error('at once'); } }),
      plain('quick', { shutdown: () => undefined }),
      plain('slow', { shutdown: () => last.promise }),
      plain('slow-fails', { shutdown: async () => { await last.promise; throw new Error('later'); } }),
    ],
  });
  const { ended, failed } = await host.close();
  expect([ended, failed.map(({ id }) => id)]).toEqual([['slow', 'quick'], ['slow-fails', 'quick-fails']]);
});

test('those that hang do so side by side: each is begun before the one before is given up', async () => {
  const begun: string[] = [];
  const given: string[] = [];
  const hanging = (id: string) =>
    plain(id, {
      shutdown: () => {
        begun.push(id);
        return NEVER;
      },
    });
  const host = await open({ plugins: [hanging('a'), hanging('b')], timeouts: { shutdown: 2500 } });
  host.on('state', ({ id = '', state }) => void (state === 'failed' && given.push(`${id} after ${begun.join()}`)));
  expect((await host.close()).failed.map(({ id }) => id)).toEqual(['b', 'a']);
  expect(given).toEqual(['b after b,a', 'a after b,a']);
});

describe('invocations', () => {
  test('those that are open are cancelled, natively too', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const pending = errorOf(host.find('tool', 'pending')?.call({ ms: 60_000 }));
    const sleeping = errorOf(host.find('tool', 'wait_cancel')?.call({}));
    expect(await host.close()).toEqual({ ended: ['good-c'], failed: [] });
    expect([(await pending).code, (await sleeping).code]).toEqual(['ERR_PLUGIN_CLOSED', 'ERR_PLUGIN_CLOSED']);
  });

  test('new ones are refused from the call of close on, of plugins that are still up as well', async () => {
    let release = (): void => undefined;
    let stopping = false;
    const last = plain('last', {
      shutdown: () => {
        stopping = true;
        return new Promise<void>((resolve) => (release = resolve));
      },
    });
    const host = await open({ plugins: [plain('first'), last] });
    const first = host.find('tool', 'first');
    const closing = host.close();
    await until(() => stopping);
    expect(host.explain('first')?.state).toBe('active');
    expect(await errorOf(first?.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'first', state: 'shutting down' });
    expect(await errorOf(first?.callRaw('{}'))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
    release();
    expect((await closing).ended).toEqual(['last', 'first']);
  });

  test('tool.sync is refused as well', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const echo = host.find('tool', 'echo_inline');
    expect(echo?.sync?.({ a: 1 })).toEqual({ a: 1 });
    const closing = host.close();
    expect(() => echo?.sync?.({})).toThrow(expect.objectContaining({ code: 'ERR_PLUGIN_CLOSED' }));
    await closing;
  });

  test('a plugin that ends may still use those that end after it', async () => {
    let answer: unknown;
    const user = plain('user', {
      register(api) {
        api.registerTool({ name: 'use', call: () => ({}) });
        this.shutdown = async () => {
          answer = await api.callCapability('tool', 'first', 'call', '{}', {});
        };
      },
    });
    const host = await open({ plugins: [plain('first'), user] });
    expect(await host.close()).toEqual({ ended: ['user', 'first'], failed: [] });
    expect(answer).toBe('{}');
  });
});

describe('after close, and during it', () => {
  test('what would change plugins is a typed error; what is asked is answered', async () => {
    const host = await open({ plugins: [plain('a')] });
    const closing = host.close();
    const calls = [host.rescan(), host.enable('a'), host.disable('a'), host.reconfigure('a', {})];
    for (const call of calls) expect(await errorOf(call)).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'closed' });
    await closing;
    expect(host.tools).toEqual([]);
    expect(host.find('tool', 'a')).toBeUndefined();
    expect(await host.dispatch('OnSessionEnd', { a: 1 })).toEqual({ data: { a: 1 }, outcomes: [] });
    expect(statesOf(host)).toEqual([['a', 'retired']]);
    expect(await errorOf(host.rescan())).toMatchObject({ code: 'ERR_LIFECYCLE_STATE' });
  });

  test('a change that is under way is waited for, and then ended with the rest', async () => {
    const host = await open({ pluginDirs: [folderOf('slow-init')], disabled: ['slow-init'] });
    const enabling = host.enable('slow-init');
    const closing = host.close();
    expect(await enabling).toMatchObject({ state: 'active' });
    expect(await closing).toEqual({ ended: ['slow-init'], failed: [] });
  });

  test('a plugin whose shutdown never settles does not keep close from settling', async () => {
    const host = await open({ plugins: [plain('a', { shutdown: () => NEVER })], timeouts: { shutdown: 20 } });
    expect((await host.close()).failed.map(({ id }) => id)).toEqual(['a']);
  });
});
