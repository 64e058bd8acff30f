import { expect, test } from '@jest/globals';
import { clockNow, unwatch, watch, type Expiring } from '../../src/options/deadline-clock.js';

/** Ends `ms` from now; `ended` gets that then. */
function expiring(ms: number, ended: number[], then?: () => void): Expiring {
  const end = performance.now() + ms;
  return {
    deadline: clockNow() + ms,
    expire() {
      expect(performance.now()).toBeGreaterThanOrEqual(end);
      ended.push(ms);
      then?.();
    },
  };
}

/** What is watched does not keep the process running, so somebody else has to. */
const until = (done: (resolve: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const stay = setInterval(() => undefined, 1000);
    done(() => {
      clearInterval(stay);
      resolve();
    });
  });

test('each ends at its own deadline and never before it, whatever order they came in', async () => {
  const ended: number[] = [];
  await until((resolve) => {
    const oneMore = (): void => void (ended.length === 5 && resolve());
    for (const ms of [30, 10, 60_000, 20, Number.MAX_SAFE_INTEGER, 0, 40]) watch(expiring(ms, ended, oneMore));
  });
  expect(ended.sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40]);
});

test('what ends early is left alone, and what is added by one that ends is watched as well', async () => {
  const ended: number[] = [];
  await until((resolve) => {
    const early = expiring(5, ended);
    unwatch(watch(early), early);
    watch(expiring(10, ended, () => watch(expiring(1, ended, resolve))));
  });
  expect(ended).toEqual([10, 1]);
});
