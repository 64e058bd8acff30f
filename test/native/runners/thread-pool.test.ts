import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { AsyncThread } from '../../../src/native/runners/async-thread.js';
import { Runner } from '../../../src/native/runners/runner.js';
import { ThreadPool, type Borrower } from '../../../src/native/runners/thread-pool.js';
import { testWhere } from '../../support/fixtures.js';

const borrower = (onFree: () => void = () => undefined): Borrower => ({ isUrgent: false, isDedicated: false, onFree, onWanted: () => undefined });

test("a thread of libuv's pool is lent only until the first runner is up", async () => {
  const pool = new ThreadPool();
  const up = pool.warm();
  let isFree = false;
  const early = borrower(() => (isFree = true));
  const first = pool.borrow(early);
  expect(first).toBeInstanceOf(AsyncThread);
  expect(pool.isToBeReturned(first!)).toBe(false);
  await up;
  expect(pool.isToBeReturned(first!)).toBe(true);
  pool.giveBack(first!, early, { isLast: true, again: true });
  expect(isFree).toBe(true);
  expect(pool.borrow(early)).toBeInstanceOf(Runner);
  expect(pool.stop()).toBe(true);
});

const countThreads = (): number => readdirSync('/proc/self/task').length;

testWhere(process.platform === 'linux', 'needs /proc')('runners that were started because others were stuck end when they are not needed', async () => {
  const pool = new ThreadPool({ maxPrompt: 1, max: 3 });
  await pool.warm();
  const [before, lent] = [countThreads(), []] as [number, Runner[]];
  const borrowers = Array.from({ length: 3 }, () => borrower());
  for (const each of borrowers) {
    const thread = await new Promise<Runner>((resolve) => {
      const one = { ...each, onFree: () => resolve(pool.borrow(each) as Runner) };
      const now = pool.borrow(one);
      if (now !== undefined) resolve(now as Runner);
    });
    lent.push(thread);
  }
  expect(new Set(lent).size).toBe(3); // the others were not given back, so that a queue that waited counted as stuck
  expect(countThreads()).toBe(before + 2);
  for (const [i, thread] of lent.entries()) pool.giveBack(thread, borrowers[i]!, { isLast: true, again: false });
  while (countThreads() > before) await pause(5);
  expect(pool.borrow(borrower())).toBe(lent[0]); // the one that was kept works
  expect(pool.stop()).toBe(true);
});
