import { expect, test } from '@jest/globals';
import { RestartPolicy } from '../../../src/isolation/supervisor/restart-policy.js';

/** The pauses after crashes at these times, each as a share of what it may be at most. */
function pauses(policy: RestartPolicy<number>, times: readonly number[]): (number | undefined)[] {
  return times.map((at) => policy.next(at, at));
}

test('pauses double, up to the longest, half of each by chance', () => {
  const policy = new RestartPolicy<number>({ firstPauseMs: 100, longestPauseMs: 500, most: 10, windowMs: 60_000 });
  for (const [crash, longest] of [100, 200, 400, 500, 500].entries()) {
    const pause = policy.next(crash, crash) ?? NaN;
    expect(pause).toBeGreaterThanOrEqual(longest / 2);
    expect(pause).toBeLessThanOrEqual(longest);
  }
  const tries = Array.from({ length: 50 }, () => new RestartPolicy().next(0, 0));
  expect(new Set(tries).size).toBeGreaterThan(10);
});

test('five restarts in a minute, and no more', () => {
  const given = pauses(new RestartPolicy(), [0, 1000, 2000, 3000, 4000, 5000]);
  expect(given.map((pause) => pause === undefined)).toEqual([false, false, false, false, false, true]);
});

test('for ever, where the host says so, and the pause is one that a timer can hold', () => {
  const policy = new RestartPolicy<number>({ firstPauseMs: 1, longestPauseMs: Infinity, most: Infinity, windowMs: Infinity });
  const given = pauses(policy, Array.from({ length: 2000 }, (_, day) => day * 86_400_000));
  expect(given.every((pause) => pause !== undefined && pause <= 2 ** 31 - 1)).toBe(true);
  expect(pauses(new RestartPolicy<number>({ firstPauseMs: 0, most: Infinity }), Array.from({ length: 1100 }, () => 0)).at(-1)).toBe(0);
});

test('what is long past does not count, neither for the limit nor for the pause', () => {
  const policy = new RestartPolicy<number>({ firstPauseMs: 100 });
  for (let minute = 0; minute < 20; minute++) expect(policy.next(minute, minute * 60_000)).toBeLessThanOrEqual(100);
});

test('the crashes that count are known, the latest last', () => {
  const policy = new RestartPolicy<string>({ most: 1 });
  policy.next('long past', 0);
  policy.next('first', 60_000);
  policy.next('second', 61_000);
  expect(policy.crashes).toEqual(['first', 'second']);
});
