import { pause } from '../machine/node-timers.js';

/** A plugin usually shuts down in milliseconds; one that takes longer has probably hung. */
const MAX_WAIT_MS = 1000;

/**
 * Runs `end` for each item in order. Each starts when the previous one has ended or has taken a second, so an item that hangs
 * delays the others by a second only. Resolves when all have ended, with the results in the order of the items. `end` must never
 * reject.
 */
export async function endInOrder<T, R>(items: readonly T[], end: (item: T) => Promise<R>): Promise<R[]> {
  const ending: Promise<R>[] = [];
  for (const item of items) {
    const over = new AbortController();
    const one = end(item).finally(() => over.abort());
    ending.push(one);
    await Promise.race([one, pause(MAX_WAIT_MS, { signal: over.signal })]);
  }
  return Promise.all(ending);
}
