import { expect, test } from '@jest/globals';
import { Pauses } from '../../src/schema/pauses.js';

test('a second at first, twice as long each time, a minute at most', () => {
  const pauses = new Pauses();
  expect(pauses.left(0)).toBe(0);
  const lengths = Array.from({ length: 8 }, (_, i) => {
    const now = i * 60_000;
    pauses.begin(now);
    return pauses.left(now) / 1000;
  });
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('it ends', () => {
  const pauses = new Pauses();
  pauses.begin(5000);
  expect([5000, 5999, 6000, 7000].map((now) => pauses.left(now))).toEqual([1000, 1, 0, 0]);
});

test('what is long past does not count', () => {
  const pauses = new Pauses();
  for (const now of [0, 1000, 3000, 7000]) pauses.begin(now);
  pauses.begin(300_000);
  expect(pauses.left(300_000)).toBe(1000);
});
