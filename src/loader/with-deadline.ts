import { NOT_STARTED } from '../errors/create-hint.js';
import { LoadError, type ErrorContext } from '../errors/index.js';
import type { NativeCall } from '../library/index.js';
import { PluginQueue } from '../native/runners/plugin-queue.js';
import { ownClock } from '../options/process-clock.js';

/**
 * Calls one C function of a plugin on another thread, before the plugin exists as an object.
 * @throws LoadError ERR_CREATE_FAILED at the deadline. A native call that has started continues, because it cannot be stopped.
 */
export function withDeadline(call: NativeCall, symbol: string, timeoutMs: number, where: ErrorContext): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (fields: { readonly reason: string; readonly timeoutMs?: number }): void =>
      reject(new LoadError('ERR_CREATE_FAILED', { symbol, ...fields }, where));
    const queue = new PluginQueue();
    const cancelDeadline = ownClock.deadline(timeoutMs, () => {
      if (queue.takeBack(ticket)) fail({ reason: `${NOT_STARTED} within ${timeoutMs} ms: all threads are busy` });
      else fail({ reason: `did not return within ${timeoutMs} ms and is still running`, timeoutMs });
    });
    const ticket = queue.enqueue({
      prepare: () => call,
      onReturn(result, left) {
        cancelDeadline();
        left();
        resolve(result);
      },
    });
  });
}
