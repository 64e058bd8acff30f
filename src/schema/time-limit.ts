import { Script, createContext, type Context } from 'node:vm';
import { hasSpareThread } from '../library/index.js';

/** The code was stopped at an arbitrary point, so data that it was changing may be inconsistent. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(readonly limitMs: number) {
    super(`timed out after ${limitMs} ms`);
  }
}

/** On a busy machine, the attempts get 1, 2, 4 and 8 times the limit. */
const MAX_FACTOR = 8;

/**
 * Runs `run`, and stops it after the limit (a whole number). Costs about 0.1 ms. `run` may be run again from the start, so
 * it must have the same result each time. It may call this function.
 *
 * Only V8 can stop JavaScript on this thread, including regular expressions. Of the Node APIs that make it do so, only `vm`
 * leaves the thread usable.
 *
 * The timer measures real time, but the limit is for processor time: if this process got the processor for less than half
 * of the limit (a busy or suspended machine, a debugger), it tries again with twice the time, until all attempts together had
 * the processor for the limit.
 * @throws TimeoutError; Error if no timer can be started (`run` is not called then); or what `run` throws
 */
export function withinTime<T>(limitMs: number, run: () => T): T {
  const atFirst = process.cpuUsage();
  for (let ms = limitMs; ; ms *= 2) {
    if (!hasSpareThread()) throw new Error('cannot set a time limit: this process has no thread or file descriptor left');
    const before = process.cpuUsage(); // each attempt starts anew
    const done = tryWithin(ms, run);
    if (done !== undefined) return done.result;
    const isLastAttempt = ms >= limitMs * MAX_FACTOR || busyMs(before) >= limitMs / 2 || busyMs(atFirst) >= limitMs;
    if (isLastAttempt) throw new TimeoutError(limitMs);
  }
}

interface Done<T> {
  readonly result: T;
}

/** The script's globals. */
interface Runner {
  run: (() => unknown) | undefined;
}

const SCRIPT = 'run()';
let prepared: { readonly script: Script; readonly runner: Runner & Context } | undefined;

/** `undefined` after a timeout. */
function tryWithin<T>(timeout: number, run: () => T): Done<T> | undefined {
  prepared ??= { script: new Script(SCRIPT), runner: createContext({ run: undefined }) as Runner & Context };
  const { script, runner } = prepared;
  // Calls may nest. If the outer one times out, V8 skips the `finally` of the inner one; the outer one's restores `run`.
  const outer = runner.run;
  runner.run = run;
  try {
    return { result: script.runInContext(runner, { timeout, displayErrors: false }) as T };
  } catch (error) {
    // By code: in jest, Node's errors are not instances of this realm's Error.
    if ((error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    runner.run = outer;
  }
}

/** Processor time of all threads, because Node 20 cannot measure one thread: at least as much as `run` used. */
function busyMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
