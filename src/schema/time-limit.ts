import { Script, createContext, type Context } from 'node:vm';
import { hasSpareThread } from '../library/index.js';

/** What was run did not end in its time, and was stopped wherever it was: what it works on may be half done. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';

  constructor(readonly limitMs: number) {
    super(`it takes longer than ${limitMs} ms`);
  }
}

/** In a busy machine's favour: so many times the limit, one after the other. All in all 15 times. */
const LONGEST_TRY = 8;

/**
 * Runs `run`, and stops it when it has taken longer than the limit (a whole number). Costs about 0.1 ms. `run` may be run
 * again from its start, and then must come to the same; it may use this function itself.
 *
 * Of JavaScript on this thread, regular expressions included, only V8 itself can end what never ends by itself, and of
 * Node's ways to have it do so only `vm` leaves the thread as it was.
 *
 * The limit is one of real time, but it is meant as one of work: where this process got no processor for half of it (a
 * busy or suspended machine, a debugger) the next try gets twice as long.
 * @throws OutOfTimeError; Error where it cannot be watched over, and is not begun; or what `run` throws
 */
export function withinTime<T>(limitMs: number, run: () => T): T {
  const before = process.cpuUsage();
  for (let ms = limitMs; ; ms *= 2) {
    if (!hasSpareThread()) throw new Error('this process has no thread, or no descriptors, to spare for a time limit');
    const done = tryWithin(ms, run);
    if (done !== undefined) return done.result;
    if (ms >= limitMs * LONGEST_TRY || busyMs(before) >= limitMs / 2) throw new OutOfTimeError(limitMs);
  }
}

interface Done<T> {
  readonly result: T;
}

interface Runner {
  /** What the script calls. */
  run: (() => unknown) | undefined;
}

const SCRIPT = 'run()';
let prepared: { readonly script: Script; readonly runner: Runner & Context } | undefined;

/** `undefined` where the time was up. */
function tryWithin<T>(timeout: number, run: () => T): Done<T> | undefined {
  prepared ??= { script: new Script(SCRIPT), runner: createContext({ run: undefined }) as Runner & Context };
  const { script, runner } = prepared;
  // One such call may be inside another. When the outer one's time is up not even `finally` runs here, but it does there.
  const outer = runner.run;
  runner.run = run;
  try {
    return { result: script.runInContext(runner, { timeout, displayErrors: false }) as T };
  } catch (error) {
    // By its code: an error of Node's own realm is no Error to a test's.
    if ((error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    runner.run = outer;
  }
}

/** Of all threads of this process, since Node 20 knows of no single one: more than `run` took, never less. */
function busyMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
