import { readFileSync } from 'node:fs';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { flushOutput, limitMemory } from '../../library/index.js';
import { MAX_RUNNERS, THREADS } from '../../native/runners/thread-pool.js';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

/** In this time a plugin can allocate a few hundred megabytes at most. */
const POLL_MS = 100;

/** What one more runner takes of the size of the process. */
const RUNNER_BYTES = 16 << 20;

export interface MemoryLimits {
  /** Of memory. Absent: no limit. */
  readonly bytes: number | undefined;
  /** Of addresses. Absent, or null after its way as JSON: no limit. */
  readonly addressSpaceBytes: number | null | undefined;
}

/**
 * Limits plugins to so many bytes in addition to what this process uses without them. On Linux, larger allocations fail.
 * Linux does not count some memory, such as shared memory, and other systems have no such limit, so the process also polls its
 * own size, and calls `onLimit` once if it is too large. What further runners take, and what `shared` returns, is not put down to plugins. Returns the
 * problem if that is not possible.
 */
export async function limitPluginMemory({ bytes, addressSpaceBytes }: MemoryLimits, onLimit: (reason: string) => void, shared: () => number): Promise<string | undefined> {
  if (bytes === undefined && typeof addressSpaceBytes !== 'number') return undefined;
  if (!canMeasureMemory()) return CANNOT_LIMIT_MEMORY;
  await flushOutput(); // so that each thread has run, and its stack is counted as this process's own
  const addresses = typeof addressSpaceBytes === 'number' ? limitUse('addresses', addressSpaceBytes) : undefined;
  if (typeof addressSpaceBytes === 'number' && addresses === undefined) return 'cannot limit its addresses here (processes.limits.addressSpaceBytes)';
  const raises = [addresses, bytes === undefined ? undefined : limitUse('privateMemory', bytes)];
  let own = process.memoryUsage.rss();
  THREADS.beforeStart = () => {
    own += RUNNER_BYTES;
    raises.forEach((raise) => raise?.());
  };
  if (bytes !== undefined) pollSize(bytes, () => own, onLimit, shared);
  return undefined;
}

function pollSize(bytes: number, own: () => number, onLimit: (reason: string) => void, shared: () => number): void {
  const poll = setInterval(() => {
    const total = process.memoryUsage.rss() - own();
    const taken = total <= bytes ? total : total - shared(); // which takes long to find out
    if (taken <= bytes) return;
    clearInterval(poll);
    onLimit(`took ${Math.round(taken / (1 << 20))} MiB of memory, more than its limit`);
  }, POLL_MS);
}

/** From Node 24 on, the room that each thread reserves for code counts as its private memory: a thread that cannot reserve it ends the process. */
const CODE_BYTES = 512 << 20;
const reservesCode = (ownBytes: number): boolean => ownBytes > CODE_BYTES;

/** What the kernel counts of this process, and what one more runner takes of it. A runner reserves less than 1 GiB of addresses. */
const COUNTED = {
  privateMemory: { line: 'VmData', runnerBytes: (own: number) => RUNNER_BYTES + (reservesCode(own) ? CODE_BYTES : 0) },
  addresses: { line: 'VmSize', runnerBytes: () => 2 ** 30 },
};

/** Limits what the kernel counts to `bytes` more than it is now. Returns a function that makes room for one more runner; `undefined` if the system has no such limit. */
function limitUse(kind: keyof typeof COUNTED, bytes: number): (() => void) | undefined {
  const { line, runnerBytes } = COUNTED[kind];
  const kilobytes = process.platform === 'linux' ? new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined; // /proc exists: see canMeasureMemory
  if (kilobytes === undefined) return undefined;
  const own = Number(kilobytes) * 1024;
  let soft = own + bytes;
  const hard = soft + MAX_RUNNERS * runnerBytes(own);
  if (!limitMemory(kind, soft, hard)) return undefined;
  return () => {
    soft = Math.min(hard, soft + runnerBytes(own));
    limitMemory(kind, soft, hard);
  };
}
