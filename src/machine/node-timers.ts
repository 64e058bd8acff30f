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
/** Resolves after so many milliseconds. */
export const pause = promises.setTimeout;
/** Resolves after what is waiting now has had its turn. */
export const turn = promises.setImmediate;
/** Milliseconds since this process started; never goes back. */
export const monotonicNow: () => number = performance.now.bind(performance);
