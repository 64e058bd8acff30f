import { readFileSync, writeFileSync } from 'node:fs';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { flushOutput, limitMemory } from '../../library/index.js';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

/** Of at most 1000. Any process may raise its own. */
const OOM_SCORE_ADJ = '500';

/** Where memory runs out, the kernel is to take this process before its host. Linux only. */
export function offerToOomKiller(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJ);
  } catch {
    // A container may forbid it; then the kernel chooses by size.
  }
}

/** A plugin can take some hundred megabytes in this time, and no more. */
const LOOK_MS = 100;

/**
 * Lets plugins take `bytes` beside what this process has without them. Linux refuses more; for what its limit does not
 * count, such as shared memory, and for other systems the process looks at itself, and tells once of what is too much.
 * Returns a problem if it cannot.
 */
export async function limitPluginMemory(bytes: number, onTooMuch: (reason: string) => void): Promise<string | undefined> {
  if (!canMeasureMemory()) return CANNOT_LIMIT_MEMORY;
  await flushOutput(); // the stack of a thread counts too, and each has been used a little when it has run
  if (process.platform === 'linux') refuseMoreThan(bytes);
  const own = process.memoryUsage.rss();
  const looking = setInterval(() => {
    const taken = process.memoryUsage.rss() - own;
    if (taken <= bytes) return;
    clearInterval(looking);
    onTooMuch(`took ${Math.round(taken / (1 << 20))} MiB of memory, more than its limit`);
  }, LOOK_MS);
  return undefined;
}

function refuseMoreThan(bytes: number): void {
  const own = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]; // /proc is there: see canMeasureMemory
  if (own !== undefined) limitMemory(Number(own) * 1024 + bytes);
}
