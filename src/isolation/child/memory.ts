import { readFileSync } from 'node:fs';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { flushOutput, limitMemory } from '../../library/index.js';
import { MAX_RUNNERS, THREADS } from '../../native/runners/thread-pool.js';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

/** In this time a plugin can allocate a few hundred megabytes at most. */
const POLL_MS = 100;

/** What one more runner takes of what Linux counts; a little less of what the system shows as the size of a process. */
const RUNNER_BYTES = 16 << 20;

/**
 * Limits plugins to `bytes` of memory in addition to what this process uses without them. On Linux, larger allocations fail.
 * Linux does not count some memory, such as shared memory, and other systems have no such limit, so the process also polls its
 * own size, and calls `onLimit` once if it is too large. What further runners take, and what `shared` returns, is not put down to plugins. Returns the
 * problem if that is not possible.
 */
export async function limitPluginMemory(bytes: number, onLimit: (reason: string) => void, shared: () => number): Promise<string | undefined> {
  if (!canMeasureMemory()) return CANNOT_LIMIT_MEMORY;
  await flushOutput(); // so that each thread has run, and its stack is part of `own`
  let own = process.memoryUsage.rss();
  const raise = process.platform === 'linux' ? limitAllocations(bytes) : undefined;
  THREADS.beforeStart = () => {
    own += RUNNER_BYTES;
    raise?.();
  };
  const poll = setInterval(() => {
    const total = process.memoryUsage.rss() - own;
    const taken = total <= bytes ? total : total - shared(); // which takes long to find out
    if (taken <= bytes) return;
    clearInterval(poll);
    onLimit(`took ${Math.round(taken / (1 << 20))} MiB of memory, more than its limit`);
  }, POLL_MS);
  return undefined;
}

/** Returns a function that makes room for one more runner. */
function limitAllocations(bytes: number): () => void {
  const own = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]; // /proc exists: see canMeasureMemory
  if (own === undefined) return () => undefined;
  let soft = Number(own) * 1024 + bytes;
  const hard = soft + MAX_RUNNERS * RUNNER_BYTES;
  limitMemory(soft, hard);
  return () => {
    soft = Math.min(hard, soft + RUNNER_BYTES);
    limitMemory(soft, hard);
  };
}
