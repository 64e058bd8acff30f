import { expect, test } from '@jest/globals';
import { AsyncThread } from '../../../src/native/runners/async-thread.js';
import { Runner } from '../../../src/native/runners/runner.js';
import { ThreadPool, type Borrower } from '../../../src/native/runners/thread-pool.js';

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
