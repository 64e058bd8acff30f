import { constants } from 'node:os';
import { Block, libc } from './memory.js';

/** What the system says of a child process of this one. */
export type ChildStatus =
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  /** It has ended, and its status was collected by somebody else, or by nobody because SIGCHLD is ignored. */
  | { readonly state: 'collected' };

const WNOHANG = 1;
let waitpid: ((pid: number, status: number, options: number) => number) | undefined;

/**
 * Asks the system for the status of a child, and collects it if it has ended: Node never hears of it afterwards. For when
 * Node does not hear of it anyway, because something in this process has taken SIGCHLD. On Windows nothing can, and this does not ask.
 */
export function collectChild(pid: number): ChildStatus {
  if (process.platform === 'win32') return { state: 'running' };
  waitpid ??= libc.func('waitpid', 'int', ['int', 'uintptr_t', 'int']) as typeof waitpid & object;
  const status = new Block(8);
  const found = waitpid(pid, status.address, WNOHANG);
  if (found === 0) return { state: 'running' };
  return found === pid ? readStatus(status.words[0] ?? 0) : { state: 'collected' };
}

/** As the macros WIFEXITED, WEXITSTATUS and WTERMSIG of every system in use read it. */
function readStatus(status: number): ChildStatus {
  const number = status & 0x7f;
  if (number === 0) return { state: 'ended', exitCode: (status >> 8) & 0xff, signal: null };
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const signal = names.find(([, known]) => known === number)?.[0] ?? (`signal ${number}` as NodeJS.Signals);
  return { state: 'ended', exitCode: null, signal };
}
