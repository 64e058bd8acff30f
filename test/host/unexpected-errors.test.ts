import { expect, test } from '@jest/globals';
import { ManagedPlugin } from '../../src/host/managed-plugin.js';

test('a failure in a report has a code and a hint, whatever was thrown', async () => {
  const cause = new TypeError('timer.unref is not a function');
  const plugin = new ManagedPlugin({ id: 'weather', path: '/plugins/weather' }, () => undefined);
  await expect(plugin.trace.check('open', 'starting its process', () => Promise.reject(cause))).rejects.toBe(cause);
  plugin.fail(cause);
  const { state, code, step, message, hint, trace } = plugin.report();
  expect({ state, code, step }).toEqual({ state: 'refused', code: 'ERR_INTERNAL', step: 'open' });
  expect(message).toContain('plugin weather: unexpected error: timer.unref is not a function');
  expect(hint).toContain('`cause`');
  expect(trace).toEqual([expect.objectContaining({ step: 'open', decision: 'refused', code: 'ERR_INTERNAL', hint })]);
  expect(plugin.error).toMatchObject({ cause });
});
