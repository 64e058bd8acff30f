import { expect, test } from '@jest/globals';
import { ChannelStart } from '../../src/capability/channel-start.js';
import { InvocationError } from '../../src/errors/index.js';
import { errorOf, pause, until } from '../support/host.js';

const crash = { capability: 'channel c', signal: null, exitCode: 1, reason: 'exited with code 1', during: 'channel c' };

test('a channel that is lost as soon as it is up is started anew after pauses, until it is stopped', async () => {
  const stop = new AbortController();
  let starts = 0;
  const start = async (onPending: () => void): Promise<never> => {
    await new Promise(setImmediate);
    if (stop.signal.aborted) throw new InvocationError('ERR_INVOCATION_CANCELLED', { capability: 'channel c', stillRunning: false });
    starts++;
    onPending();
    throw new InvocationError('ERR_PLUGIN_CRASHED', crash);
  };
  const ended = errorOf(new ChannelStart().run(start, stop.signal));
  await until(() => starts > 1);
  await pause(300);
  stop.abort();
  expect(await ended).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
  expect(starts).toBeLessThan(20);
});

test('one that was never up is not started anew, nor one that ended otherwise', async () => {
  const starts: string[] = [];
  const { signal } = new AbortController();
  const crashes = (): Promise<never> => Promise.reject(new InvocationError('ERR_PLUGIN_CRASHED', crash));
  expect(await errorOf(new ChannelStart().run(() => (starts.push('a'), crashes()), signal))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
  const fails = (onPending: () => void): Promise<never> => {
    starts.push('b');
    onPending();
    return Promise.reject(new InvocationError('ERR_INVOCATION_FAILED', { capability: 'channel c', status: 'FAILED', reason: 'why' }));
  };
  expect(await errorOf(new ChannelStart().run(fails, signal))).toMatchObject({ code: 'ERR_INVOCATION_FAILED' });
  expect(starts).toEqual(['a', 'b']);
});
