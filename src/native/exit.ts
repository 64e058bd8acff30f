import { isMainThread } from 'node:worker_threads';
import { endProcess, endProcessIn } from '../library/index.js';
import { THREADS } from './runners/thread-pool.js';

/** Active plugins. Only their `shutdown` ends their threads. */
const active = new Set<AsyncDisposable>();
let watching = false;

export function stopAtExit(plugin: AsyncDisposable): void {
  active.add(plugin);
}

export function leaveAtExit(plugin: AsyncDisposable): void {
  active.delete(plugin);
}

/** Call this before the first native call. */
export function watchExit(): void {
  if (watching || !isMainThread) return;
  watching = true;
  process.on('beforeExit', () => {
    if (active.size > 0) void stopAll();
    else exitWithoutTeardown();
  });
  process.on('uncaughtExceptionMonitor', () => process.off('exit', exit));
  process.on('exit', leaveWorkersBehind);
}

/** Called when the event loop is empty. A shutdown that runs keeps the process running until it returns. */
async function stopAll(): Promise<void> {
  const plugins = [...active];
  active.clear();
  // A failure is recorded on the plugin; no caller is left to get it.
  await Promise.allSettled(plugins.map(async (plugin) => plugin[Symbol.asyncDispose]()));
}

const exit = (): void => process.exit();

/**
 * Makes a natural exit a process.exit(), which does not tear Node down. A native thread that calls the host during the
 * teardown crashes it, and a plugin that breaks rule 10 has threads even after its shutdown. The listener is moved behind
 * the others each time, because none runs after it.
 */
function exitWithoutTeardown(): void {
  process.off('exit', exit);
  process.on('exit', exit);
}

/** `reallyExit` is what process.exit() calls after all listeners. */
const ending = process as unknown as { reallyExit: (code: number) => void };

/** Time for Node to print an uncaught exception, which it does after the listeners. */
const SECONDS_TO_PRINT = 1;

/**
 * Avoids a deadlock and a crash at exit. Node waits for the threads of its pool, and a thread in a host function waits for
 * the event loop, which has stopped. Node ends the threads of runners, which aborts the process if one is in native code. So
 * if a thread runs native code, the process ends without waiting for any.
 */
function leaveWorkersBehind(): void {
  if (THREADS.stop()) return;
  ending.reallyExit = endProcess;
  endProcessIn(SECONDS_TO_PRINT);
}
