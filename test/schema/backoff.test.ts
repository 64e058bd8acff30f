import { expect, test } from '@jest/globals';
import { Backoff } from '../../src/schema/backoff.js';

test('a second at first, twice as long each time, a minute at most', () => {
  const backoff = new Backoff();
  expect(backoff.remaining(0)).toBe(0);
  const lengths = Array.from({ length: 8 }, (_, i) => {
    const now = i * 60_000;
    backoff.begin(now);
    return backoff.remaining(now) / 1000;
  });
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('it ends', () => {
  const backoff = new Backoff();
  backoff.begin(5000);
  expect([5000, 5999, 6000, 7000].map((now) => backoff.remaining(now))).toEqual([1000, 1, 0, 0]);
});

test('what is long past does not count', () => {
  const backoff = new Backoff();
  for (const now of [0, 1000, 3000, 7000]) backoff.begin(now);
  backoff.begin(300_000);
  expect(backoff.remaining(300_000)).toBe(1000);
});
