import type { MachineCause, ProcessEnd } from '../errors/index.js';
import { oomKills, refusedThreads } from './shortages.js';
import { countThreadsLeft } from './user-threads.js';

/** Signals that ask a process to end. A plugin that sends one to itself does so in a call. */
const REQUESTS: readonly (string | null)[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** A child that has ended held at least as many threads beside its pool: with no more left now, it had none to spare. */
const THREADS_OF_NODE = 16;

/** Before a child is started: what the kernel has counted until now says nothing of its end. */
export function lookAtMachine(): void {
  oomKills.look();
  refusedThreads.look();
}

/**
 * What the machine, or somebody else, did that ended a child; `undefined` where the plugin counts as the cause. `isIdle`:
 * nothing had been asked of a plugin. Not for a child that its host has killed: the host says why it did that.
 */
export function machineCause({ signal, exitCode }: ProcessEnd, isIdle: boolean, poolSize: number): MachineCause | undefined {
  // No fault of a plugin's code ends in SIGKILL: the kernel sends it where memory runs out, or a person or program does.
  if (signal === 'SIGKILL') return oomKills.hasRisen() ? 'memory' : 'killed';
  if (isIdle && REQUESTS.includes(signal)) return 'killed';
  if (exitCode === 0) return undefined;
  const hadNoThreads = refusedThreads.hasRisen() || (countThreadsLeft() ?? Infinity) <= THREADS_OF_NODE + poolSize;
  return hadNoThreads ? 'threads' : undefined;
}

/** In words that follow those for how it ended. */
export const MACHINE_WORDS: Readonly<Record<MachineCause, string>> = {
  memory: ': the system ran out of memory',
  threads: ': the system allowed no more threads',
  killed: '',
  start: '',
};
