import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';
import * as promises from 'node:timers/promises';

/*
 * Node's timers and clock as they were when this package was loaded. A host may replace them later, even in node:timers, as
 * the fake timers of node:test and Sinon do. A deadline or a restart that waits for a fake timer would never happen.
 */

export const setTimeout = timers.setTimeout;
export const clearTimeout = timers.clearTimeout;
export const setInterval = timers.setInterval;
export const clearInterval = timers.clearInterval;
export const setImmediate = timers.setImmediate;
/** Not the global function: fake timers replace that too, also before this package is loaded. */
export const queueMicrotask = (run: () => void): void => void Promise.resolve().then(run);
/**
 * Resolves after `ms` milliseconds, or when `signal` fires. Does not use node:timers/promises: its AbortError becomes an
 * uncaught exception if the host has frozen `Error.prototype`.
 */
export function pause(ms: number, { ref = true, signal }: PauseOptions = {}): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (!ref) timer.unref();
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end);
  });
}

export interface PauseOptions {
  /** Whether it keeps the process running. Default true. */
  readonly ref?: boolean;
  readonly signal?: AbortSignal;
}

/** Resolves after all pending events have been handled. */
export const turn = promises.setImmediate;
/** Milliseconds since this process started; monotonic. */
export const monotonicNow: () => number = performance.now.bind(performance);
const eventLoopUtilization = performance.eventLoopUtilization.bind(performance);
/** Milliseconds for which the event loop of this thread has had nothing to do. */
export const idleMs = (): number => eventLoopUtilization().idle;
