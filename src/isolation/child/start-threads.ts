import { countStartable, flushOutput } from '../../library/index.js';
import { LIBUV_POOL_SIZE } from '../../native/runners/async-thread.js';

/**
 * Starts the threads of libuv's pool, on which `release`, `cancel` and `on_reply` run. libuv starts all of them with the first
 * such call, and aborts the process if the system refuses one: that must not happen in a plugin's call. Returns the problem if the system does not allow so
 * many threads; it completes "it …".
 */
export function startThreads(): string | undefined {
  // Windows does not limit threads.
  const allowed = process.platform === 'win32' ? LIBUV_POOL_SIZE : countStartable(LIBUV_POOL_SIZE);
  if (allowed < LIBUV_POOL_SIZE) return `needs ${LIBUV_POOL_SIZE} threads for native code, and the system allows ${allowed}`;
  void flushOutput(); // any native call starts all threads of the pool
  return undefined;
}
