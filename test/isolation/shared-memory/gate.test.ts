/** Whether it is worth to wait awake, learned from how it went. */
import { expect, test } from '@jest/globals';
import { Gate, MAY_SPIN, PREEMPTED_WEIGHT } from '../../../src/isolation/wire/shared-memory/gate.js';

test('each miss shuts the gate for twice as long, up to a limit; each hit halves that', () => {
  const gate = new Gate();
  expect(gate.isOpen(0)).toBe(MAY_SPIN);
  if (!MAY_SPIN) return; // with one processor it is always shut
  let now = 0;
  const pauseAfterMiss = (weight?: number): number => {
    gate.miss(now, weight);
    let pause = 0;
    while (!gate.isOpen(now + pause)) pause++;
    now += pause;
    return pause;
  };
  expect(Array.from({ length: 10 }, () => pauseAfterMiss())).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
  for (let hits = 0; hits < 4; hits++) gate.hit();
  expect(pauseAfterMiss()).toBe(16);
  for (let hits = 0; hits < 20; hits++) gate.hit();
  expect(pauseAfterMiss()).toBe(1);
});

test('a look that was interrupted counts eightfold: others want the processor', () => {
  const gate = new Gate();
  gate.miss(0, PREEMPTED_WEIGHT);
  gate.miss(0);
  expect([gate.isOpen(7), gate.isOpen(8)]).toEqual([false, MAY_SPIN]);
});
