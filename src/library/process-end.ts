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
 * destructors would abort and lose the exit code. glibc only; does nothing elsewhere.
 */
export function endAtExit(): void {
  if (process.platform !== 'linux') return;
  // musl has no on_exit. Looking it up with koffi would throw: see catchable.ts.
  if (dlsym(LINUX_RTLD_DEFAULT, 'on_exit') === NULL) return;
  const onExit = libc.func('on_exit', 'int', ['uintptr_t', 'uintptr_t']) as (run: bigint, argument: number) => number;
  onExit(libc.symbol('_exit') as bigint, 0); // on_exit passes the exit code as the first argument
}
