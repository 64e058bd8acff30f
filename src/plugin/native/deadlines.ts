import { performance } from 'node:perf_hooks';
import { setTimeout, clearTimeout } from 'node:timers';
import { Slots } from './slots.js';

/** Something that ends by itself at a moment, in milliseconds of `performance.now()`. */
export interface Expiring {
  readonly deadline: number;
  expire(): void;
}

/** Longest delay that a timer takes; a later deadline is looked at again then. */
const LONGEST_DELAY = 2 ** 31 - 1;

const watched = new Slots<Expiring>();
let timer: NodeJS.Timeout | undefined;
let timerEnds = Infinity;

/**
 * One timer for all deadlines, at the earliest: a timer each costs more than the rest of a short invocation. It does not
 * keep the process running, and is not moved when what it was set for ends early. Answers what `unwatch` takes.
 */
export function watch(expiring: Expiring): number {
  if (expiring.deadline < timerEnds) setTimer(expiring.deadline);
  return watched.add(expiring);
}

export const unwatch = (slot: number, expiring: Expiring): void => watched.remove(slot, expiring);

function setTimer(at: number): void {
  clearTimeout(timer);
  timerEnds = at;
  timer = setTimeout(expireDue, Math.min(at - performance.now(), LONGEST_DELAY)).unref();
}

function expireDue(): void {
  timerEnds = Infinity;
  const now = performance.now();
  let next = Infinity;
  for (const [slot, expiring] of watched.entries()) {
    if (expiring.deadline > now) {
      next = Math.min(next, expiring.deadline);
      continue;
    }
    watched.remove(slot, expiring);
    expiring.expire();
  }
  // What ran meanwhile may have set an earlier one.
  if (next < timerEnds) setTimer(next);
}
