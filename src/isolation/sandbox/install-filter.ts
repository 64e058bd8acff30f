import { addressOf } from '../../library/index.js';
import { encode, type Program } from './bpf.js';
import { attempt, demand, words } from './kernel.js';

const SECCOMP_SET_MODE_FILTER = 1;
/** Flags (SECCOMP_FILTER_FLAG_…). TSYNC: all threads of this process get the filter, not only this one and what it starts or becomes. */
const [TSYNC, NEW_LISTENER, TSYNC_ESRCH, WAIT_KILLABLE_RECV] = [1, 8, 16, 32];

/** Puts a filter of system calls in force, for ever. @throws Error */
export function installFilter(program: Program, { allThreads }: { readonly allThreads: boolean }): void {
  const instructions = encode(program);
  const header = words(program.length, addressOf(instructions)); // struct sock_fprog
  demand('seccomp', SECCOMP_SET_MODE_FILTER, allThreads ? TSYNC : 0, header);
  void instructions.length; // referenced until here
}

/**
 * The same for all threads, with a filter that lets another process decide. Returns the descriptor with which it does. A call
 * that waits for the decision cannot be interrupted by signals, if the kernel can do that (5.19). @throws Error
 */
export function installNotifyingFilter(program: Program): number {
  const instructions = encode(program);
  const header = words(program.length, addressOf(instructions));
  const flags = TSYNC | NEW_LISTENER | TSYNC_ESRCH;
  const uninterrupted = attempt('seccomp', SECCOMP_SET_MODE_FILTER, flags | WAIT_KILLABLE_RECV, header);
  const listener = uninterrupted >= 0 ? uninterrupted : demand('seccomp', SECCOMP_SET_MODE_FILTER, flags, header);
  void instructions.length;
  return listener;
}
