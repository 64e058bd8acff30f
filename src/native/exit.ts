import { isMainThread } from 'node:worker_threads';
import { endProcess, endProcessIn } from '../library/index.js';
import { isAnyInside } from './worker-pool.js';

/** Plugins whose threads only `shutdown` ends. */
const active = new Set<AsyncDisposable>();
let watching = false;

export function stopAtExit(plugin: AsyncDisposable): void {
  active.add(plugin);
}

export function leaveAtExit(plugin: AsyncDisposable): void {
  active.delete(plugin);
}

/** Called before native code gets the host's functions. */
export function watchExit(): void {
  if (watching || !isMainThread) return;
  watching = true;
  process.on('beforeExit', () => {
    if (active.size > 0) void stopAll();
    else tearNothingDown();
  });
  process.on('uncaughtExceptionMonitor', () => process.off('exit', exit));
  process.on('exit', leaveWorkersBehind);
}

/** When the event loop has run dry. What shutdown is called on keeps it going, until it has returned. */
async function stopAll(): Promise<void> {
  const plugins = [...active];
  active.clear();
  // A failure is on the plugin's record; there is nobody left to tell.
  await Promise.allSettled(plugins.map(async (plugin) => plugin[Symbol.asyncDispose]()));
}

const exit = (): void => process.exit();

/**
 * A native thread that calls the host while Node tears itself down crashes it, and a plugin that breaks rule 10 has
 * such threads even after its shutdown. process.exit tears nothing down, so a natural exit becomes one; its listener
 * goes behind those that are there already, since no listener runs after it.
 */
function tearNothingDown(): void {
  process.off('exit', exit);
  process.on('exit', exit);
}

/** What process.exit calls when every listener has run. */
const ending = process as unknown as { reallyExit: (code: number) => void };

/** For Node's own words about an uncaught exception, which it says after its listeners have run. */
const SECONDS_TO_SAY_WHY = 1;

/**
 * Node's exit waits for the threads of its pool, and one that is inside a host function waits for the event loop, which
 * no longer turns: the process would hang for ever. So while any is inside native code, exit waits for none.
 */
function leaveWorkersBehind(): void {
  if (!isAnyInside()) return;
  ending.reallyExit = endProcess;
  endProcessIn(SECONDS_TO_SAY_WHY);
}
