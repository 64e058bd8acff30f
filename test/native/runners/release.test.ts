/** Runners take many calls ahead. The memory of one reply is released before the next call begins (rule 11). */
import { expect, test } from '@jest/globals';
import { openIn, type Home } from '../../isolation/homes.js';

test.each<Home>(['in-process', 'process'])('no release overlaps a call of a plugin that is not thread-safe, %s', async (home) => {
  const host = await openIn(home, ['inside-count']);
  await host.tool('stay').call({ ms: 0 });
  for (let round = 0; round < 3; round++) {
    const calls = Array.from({ length: 40 }, (_, i) => host.tool(i % 3 === 0 ? 'stay' : 'owned_inside').call({}));
    await Promise.all(calls);
  }
  expect(await host.tool('most_inside').call({})).toEqual({ most: 1 });
});
