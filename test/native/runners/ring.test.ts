/** What a runner waits for between two calls, and when the main thread lets it go on. The test plays the runner. */
import { expect, test } from '@jest/globals';
import { addressOf, ownBuffer } from '../../../src/library/memory.js';
import { Hold, RunnerState, SLOT, SLOTS, SlotState, W } from '../../../src/native/runners/layout.js';
import { Ring } from '../../../src/native/runners/ring.js';

const CALL = { prototype: 'destroy', at: addressOf(ownBuffer(8)), args: [0] } as const;

function ringWith(calls: number) {
  const ring = new Ring(undefined);
  const words = new Int32Array(ring.shared);
  for (let i = 0; i < calls; i++) ring.publish(CALL, true, () => undefined);
  return { ring, words };
}

/** As the runner does it: first what it waits for, then that the call is done. */
const hold = (words: Int32Array, call: number) => Atomics.store(words, W.paused, (call & (SLOTS - 1)) + 1);
const finish = (words: Int32Array, calls: number) => Atomics.store(words, W.done, calls);

test('the release of one reply does not end the wait for the next one', () => {
  const { ring, words } = ringWith(2);
  finish(words, 1);
  ring.drain();
  hold(words, 1); // the second call is not counted as done yet
  ring.resume();
  expect(words[W.paused]).toBe(2);
  finish(words, 2);
  ring.resume(); // done, but not handled
  expect(words[W.paused]).toBe(2);
  ring.drain();
  ring.resume();
  expect(words[W.paused]).toBe(Hold.none);
});

test('a release does not end the wait for a call that is not of the ring, and the reverse', () => {
  const { ring, words } = ringWith(1);
  Atomics.store(words, W.paused, Hold.other);
  finish(words, 1);
  ring.drain();
  ring.resume();
  expect(words[W.paused]).toBe(Hold.other);
  ring.resumeOther();
  expect(words[W.paused]).toBe(Hold.none);
  hold(words, 0);
  ring.resumeOther();
  expect(words[W.paused]).toBe(1);
});

test('after many rounds the slot of a reply is still the right one', () => {
  const { ring, words } = ringWith(0);
  for (let call = 0; call < 3 * SLOTS; call++) {
    ring.publish(CALL, true, () => undefined);
    expect(Atomics.compareExchange(words, W.slots + (call & (SLOTS - 1)) * SLOT.words + SLOT.state, SlotState.queued, SlotState.running)).toBe(SlotState.queued);
    hold(words, call);
    ring.resume();
    finish(words, call + 1);
    expect(words[W.paused]).not.toBe(Hold.none);
    ring.drain();
    ring.resume();
    expect(words[W.paused]).toBe(Hold.none);
  }
});

test('a runner that sleeps although a call waits is seen and woken; one that waits for a release is not', () => {
  const { ring, words } = ringWith(2);
  expect(ring.isLeftAsleep).toBe(false); // it was woken
  Atomics.store(words, W.runner, RunnerState.asleep);
  expect(ring.isLeftAsleep).toBe(true);
  ring.nudge();
  expect([ring.isLeftAsleep, words[W.runner]]).toEqual([false, RunnerState.awake]);
  hold(words, 0);
  finish(words, 1);
  Atomics.store(words, W.runner, RunnerState.asleep);
  expect([ring.isLeftAsleep, ring.hasReturned]).toEqual([false, true]);
  ring.drain();
  ring.resume();
  finish(words, 2);
  ring.drain();
  expect([ring.isLeftAsleep, ring.hasReturned, ring.isEmpty]).toEqual([false, false, true]);
});

test('a runner that is woken for nothing stays stopped if it was', () => {
  const { ring, words } = ringWith(0);
  Atomics.store(words, W.runner, RunnerState.stopped);
  ring.nudge();
  expect(words[W.runner]).toBe(RunnerState.stopped);
});
