/** Something that ends by itself at a moment, in milliseconds of `performance.now()`. */
export interface Expiring {
  readonly deadline: number;
  expire(): void;
}

/** Longest delay that a timer takes; a later deadline is looked at again then. */
const LONGEST_DELAY = 2 ** 31 - 1;

const watched = new Set<Expiring>();
let timer: NodeJS.Timeout | undefined;
let timerEnds = Infinity;

/**
 * One timer for all deadlines, at the earliest: a timer each costs more than the rest of a short invocation. It does not
 * keep the process running, and is not moved when what it was set for ends early.
 */
export function watch(expiring: Expiring): void {
  watched.add(expiring);
  if (expiring.deadline < timerEnds) setTimer(expiring.deadline);
}

export const unwatch = (expiring: Expiring): void => void watched.delete(expiring);

function setTimer(at: number): void {
  clearTimeout(timer);
  timerEnds = at;
  timer = setTimeout(expireDue, Math.min(at - performance.now(), LONGEST_DELAY)).unref();
}

function expireDue(): void {
  timerEnds = Infinity;
  const now = performance.now();
  let next = Infinity;
  for (const expiring of watched) {
    if (expiring.deadline > now) {
      next = Math.min(next, expiring.deadline);
      continue;
    }
    watched.delete(expiring);
    expiring.expire();
  }
  // What ran meanwhile may have set an earlier one.
  if (next < timerEnds) setTimer(next);
}
