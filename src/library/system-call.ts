import { koffi } from './koffi-settings.js';
import { libc } from './memory.js';

type SystemCall = (...args: number[]) => number;
let call: SystemCall | undefined;

const ARGUMENTS = 6;

/**
 * Makes a system call of Linux by its number. Returns its result, or the negative number of the error. The caller must keep
 * a reference to every buffer behind an argument.
 */
export function systemCall(number: number, ...args: readonly number[]): number {
  // Variadic in C. On x64 and arm64 integers are passed as in any other function.
  call ??= libc.func('syscall', 'int64_t', ['int64_t', ...Array<string>(ARGUMENTS).fill('intptr_t')]) as SystemCall;
  const all = [...args, ...Array<number>(ARGUMENTS - args.length).fill(0)];
  const result = call(number, ...all);
  return result < 0 ? -koffi.errno() : result;
}
