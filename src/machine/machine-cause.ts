import type { MachineCause, ProcessEnd } from '../errors/index.js';
import { oomKills, refusedThreads } from './shortages.js';
import { countThreadsLeft } from './user-threads.js';

/** Signals that request a process to end. A plugin could send one to itself, but only during a call. */
const REQUESTS: readonly (string | null)[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** A child has at most so many threads, unless its calls block. If no more are left after it ended, it could not start one. */
const THREADS_OF_CHILD = 32;

/** Call this before a child starts, so that earlier events do not explain its end. */
export function lookAtMachine(): void {
  oomKills.look();
  refusedThreads.look();
}

/** Adds the cause to the end of a child, if the machine or another program ended it. `isIdle`: no plugin in it was running a call. */
export function withMachineCause(end: ProcessEnd, isIdle: boolean): ProcessEnd {
  const machine = machineCause(end, isIdle);
  return machine === undefined ? end : { ...end, reason: end.reason + WORDS[machine], machine };
}

/**
 * Why a child ended, if the machine or another program ended it; `undefined` if the plugin is blamed. Not for a child that the host killed, since the host knows why.
 */
function machineCause({ signal, exitCode }: ProcessEnd, isIdle: boolean): MachineCause | undefined {
  // A bug in a plugin never ends in SIGKILL: the OOM killer, a person or another program sends it.
  if (signal === 'SIGKILL') return oomKills.hasRisen() ? 'memory' : 'killed';
  if (isIdle && REQUESTS.includes(signal)) return 'killed';
  if (exitCode === 0) return undefined;
  const hadNoThreads = refusedThreads.hasRisen() || (countThreadsLeft() ?? Infinity) <= THREADS_OF_CHILD;
  return hadNoThreads ? 'threads' : undefined;
}

/** Appended to the description of how the process ended. */
const WORDS: Readonly<Record<MachineCause, string>> = {
  memory: ': the system ran out of memory',
  threads: ': the system allowed no more threads',
  killed: '',
  start: '',
};
