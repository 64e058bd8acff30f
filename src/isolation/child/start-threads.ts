import { countStartable, flushOutput } from '../../library/index.js';
import { POOL_SIZE } from '../../native/worker-pool.js';

/**
 * Starts the threads on which native code runs. libuv starts all of them with the first native call, and aborts the process if
 * the system refuses one: that must not happen in a plugin's first step. Returns the problem if the system does not allow so
 * many threads; it completes "it …".
 */
export function startThreads(): string | undefined {
  // Windows does not limit threads.
  const allowed = process.platform === 'win32' ? POOL_SIZE : countStartable(POOL_SIZE);
  if (allowed < POOL_SIZE) return `needs ${POOL_SIZE} threads for native code, and the system allows ${allowed}`;
  void flushOutput(); // any native call starts all threads of the pool
  return undefined;
}
