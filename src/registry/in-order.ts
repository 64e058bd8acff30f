import { pause } from '../machine/node-timers.js';

/** What ends in order does so in milliseconds; one that takes longer is hanging, most likely. */
const PATIENCE_MS = 1000;

/**
 * Runs `end` for each in order: the next begins when the one before is over, or has taken a second. So the order holds
 * among those that behave, and of those that hang each costs no more than that second beside the last one's deadline.
 * `end` never rejects.
 */
export async function endInOrder<T>(items: readonly T[], end: (item: T) => Promise<void>): Promise<void> {
  const ending: Promise<void>[] = [];
  for (const item of items) {
    const over = new AbortController();
    const one = end(item).finally(() => over.abort());
    ending.push(one);
    await Promise.race([one, pause(PATIENCE_MS, { signal: over.signal })]);
  }
  await Promise.all(ending);
}
