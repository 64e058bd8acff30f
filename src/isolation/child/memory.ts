import { readFileSync, writeFileSync } from 'node:fs';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { flushOutput, limitMemory } from '../../library/index.js';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

/** The maximum is 1000. A process may always raise its own. */
const OOM_SCORE_ADJ = '500';

/** Makes the kernel kill this process rather than its host when memory runs out. Linux only. */
export function preferForOomKiller(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJ);
  } catch {
    // A container may forbid it. Then the kernel chooses by size.
  }
}

/** In this time a plugin can allocate a few hundred megabytes at most. */
const POLL_MS = 100;

/**
 * Limits plugins to `bytes` of memory in addition to what this process uses without them. On Linux, larger allocations fail.
 * Linux does not count some memory, such as shared memory, and other systems have no such limit, so the process also polls its
 * own size, and calls `onLimit` once if it is too large. Returns the problem if that is not possible.
 */
export async function limitPluginMemory(bytes: number, onLimit: (reason: string) => void): Promise<string | undefined> {
  if (!canMeasureMemory()) return CANNOT_LIMIT_MEMORY;
  await flushOutput(); // so that each thread has run, and its stack is part of `own`
  if (process.platform === 'linux') setAllocationLimit(bytes);
  const own = process.memoryUsage.rss();
  const poll = setInterval(() => {
    const taken = process.memoryUsage.rss() - own;
    if (taken <= bytes) return;
    clearInterval(poll);
    onLimit(`took ${Math.round(taken / (1 << 20))} MiB of memory, more than its limit`);
  }, POLL_MS);
  return undefined;
}

function setAllocationLimit(bytes: number): void {
  const own = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]; // /proc exists: see canMeasureMemory
  if (own !== undefined) limitMemory(Number(own) * 1024 + bytes);
}
