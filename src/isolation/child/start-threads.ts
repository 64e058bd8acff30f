import { countStartable, flushOutput } from '../../library/index.js';
import { POOL_SIZE } from '../../native/worker-pool.js';

/**
 * Starts the threads that native code runs on. libuv starts all of them with the first native call, and ends the process
 * where the system refuses one: that must not happen in a plugin's first step. Returns what to tell the host where the
 * system does not allow them; the words follow "it".
 */
export function startThreads(): string | undefined {
  // Windows has no limit of threads.
  const allowed = process.platform === 'win32' ? POOL_SIZE : countStartable(POOL_SIZE);
  if (allowed < POOL_SIZE) return `needs ${POOL_SIZE} threads for native code, and the system allows ${allowed}`;
  void flushOutput(); // any native call: when it returns, all threads of the pool have been started
  return undefined;
}
