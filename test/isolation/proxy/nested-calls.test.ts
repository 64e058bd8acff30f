/** Calls that plugins make while more calls wait in the host than it sends at once. */
import { expect, test } from '@jest/globals';
import { openIn } from '../homes.js';

/** Far more than the threads of a child and what is sent ahead. */
const CALLS = 300;

test.each([
  ['process', ['good-c']],
  ['process', ['good-c', 'inside-count']],
  ['socket', ['good-c']],
  ['socket', ['good-c', 'inside-count']],
] as const)('each nested call is answered: %s %s', async (home, ids) => {
  const host = await openIn(home, ids);
  const expected = Array.from({ length: CALLS }, (_, i) => ({ i }));
  const nested = expected.map((input) => host.tool('host_call').call({ name: 'echo', input }));
  const others = ids.length === 1 ? [] : expected.map(() => host.tool('host_call').call({ name: 'most_inside', input: {} }));
  const large = Array.from({ length: 12 }, () => host.tool('echo').callRaw(JSON.stringify('x'.repeat(1 << 20))));
  expect(await Promise.all(nested)).toEqual(expected);
  expect(await Promise.all(others)).toHaveLength(others.length);
  expect((await Promise.all(large)).map((json) => json.length)).toEqual(large.map(() => (1 << 20) + 2));
});
