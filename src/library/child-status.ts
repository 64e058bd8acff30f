import { constants } from 'node:os';
import { Block, libc } from './memory.js';

/** The status of a child process, from the operating system. */
export type ChildStatus =
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  /** It has ended, but other code collected its status, or the system discarded it because SIGCHLD is ignored. */
  | { readonly state: 'collected' };

const WNOHANG = 1;
let waitpid: ((pid: number, status: number, options: number) => number) | undefined;

/**
 * Returns the status of a child and reaps it if it has ended; Node then never emits its `exit`. Use it only if Node would
 * not notice the end anyway, because other code in this process handles SIGCHLD. That cannot happen on Windows, where this
 * always returns `running`.
 */
export function collectChild(pid: number): ChildStatus {
  if (process.platform === 'win32') return { state: 'running' };
  waitpid ??= libc.func('waitpid', 'int', ['int', 'uintptr_t', 'int']) as typeof waitpid & object;
  const status = new Block(8);
  const found = waitpid(pid, status.address, WNOHANG);
  if (found === 0) return { state: 'running' };
  return found === pid ? readStatus(status.words[0] ?? 0) : { state: 'collected' };
}

/** Same as the macros WIFEXITED, WEXITSTATUS and WTERMSIG on all supported systems. */
function readStatus(status: number): ChildStatus {
  const number = status & 0x7f;
  if (number === 0) return { state: 'ended', exitCode: (status >> 8) & 0xff, signal: null };
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const signal = names.find(([, known]) => known === number)?.[0] ?? (`signal ${number}` as NodeJS.Signals);
  return { state: 'ended', exitCode: null, signal };
}
