import { dlsym, LINUX_RTLD_DEFAULT } from './dlsym.js';
import { libc, NULL } from './memory.js';

/** Ends the process at once, without waiting for threads or running destructors. */
export const endProcess = libc.func('_exit', 'void', ['int']) as (code: number) => void;

const alarm = process.platform === 'win32' ? undefined : (libc.func('alarm', 'uint32_t', ['uint32_t']) as (seconds: number) => number);

/** Makes the system end the process with SIGALRM after `seconds`. Does nothing on Windows. */
export function endProcessIn(seconds: number): void {
  alarm?.(seconds);
}

/**
 * Makes exit() end the process right after the plugins' destructors. A plugin may call exit() on any thread, where Node's
 * destructors would abort or hang. Linux only; does nothing elsewhere. musl has no on_exit, so the exit code would be lost:
 * there it does nothing unless `mayLoseCode`.
 */
export function endAtExit({ mayLoseCode }: { readonly mayLoseCode: boolean }): void {
  if (process.platform !== 'linux') return;
  // Looking up a missing function with koffi would throw: see catchable.ts.
  if (dlsym(LINUX_RTLD_DEFAULT, 'on_exit') === NULL) {
    if (mayLoseCode) endAtExitWithCode1();
    return;
  }
  const onExit = libc.func('on_exit', 'int', ['uintptr_t', 'uintptr_t']) as (run: bigint, argument: number) => number;
  onExit(libc.symbol('_exit') as bigint, 0); // on_exit passes the exit code as the first argument
}

/** With musl and glibc. Whatever code exit() gets, the process exits with 1. */
export function endAtExitWithCode1(): void {
  const atExit = libc.func('__cxa_atexit', 'int', ['uintptr_t', 'uintptr_t', 'uintptr_t']) as (run: bigint, argument: number, library: number) => number;
  atExit(libc.symbol('_exit') as bigint, 1, NULL);
}
