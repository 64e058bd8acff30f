import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';
import * as promises from 'node:timers/promises';

/*
 * Node's timers and clock as they were when this package was loaded. A host may replace them later, in node:timers too: fake
 * timers of node:test and Sinon do. A deadline or a restart that waits for such a timer would never come.
 */

export const setTimeout = timers.setTimeout;
export const clearTimeout = timers.clearTimeout;
export const setInterval = timers.setInterval;
export const clearInterval = timers.clearInterval;
export const setImmediate = timers.setImmediate;
/**
 * Resolves after so many milliseconds, or when `signal` fires. Not by the one of node:timers/promises, which makes an
 * AbortError and throws it at nobody where the host has frozen `Error.prototype`.
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

/** Resolves after what is waiting now has had its turn. */
export const turn = promises.setImmediate;
/** Milliseconds since this process started; never goes back. */
export const monotonicNow: () => number = performance.now.bind(performance);
