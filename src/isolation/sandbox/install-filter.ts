import { addressOf } from '../../library/index.js';
import { encode, type Program } from './bpf.js';
import { demand, words } from './kernel.js';

const SECCOMP_SET_MODE_FILTER = 1;
/** All threads of this process get the filter. Without it: only this one, and what it starts or becomes. */
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/** Puts a filter of system calls in force, for ever. @throws Error */
export function installFilter(program: Program, { allThreads }: { readonly allThreads: boolean }): void {
  const instructions = encode(program);
  const header = words(program.length, addressOf(instructions)); // struct sock_fprog
  demand('seccomp', SECCOMP_SET_MODE_FILTER, allThreads ? SECCOMP_FILTER_FLAG_TSYNC : 0, header);
  void instructions.length; // referenced until here
}
