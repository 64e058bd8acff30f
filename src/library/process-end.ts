import { dlsym, LINUX_RTLD_DEFAULT } from './dlsym.js';
import { libc, NULL } from './memory.js';

/** Ends the process with this code at once: no thread is waited for, no destructor runs. */
export const endProcess = libc.func('_exit', 'void', ['int']) as (code: number) => void;

const alarm = process.platform === 'win32' ? undefined : (libc.func('alarm', 'uint32_t', ['uint32_t']) as (seconds: number) => number);

/** Has the system end the process, by SIGALRM, if it still exists then. Does nothing on Windows. */
export function endProcessIn(seconds: number): void {
  alarm?.(seconds);
}

/**
 * Has exit() end the process with its code as soon as the plugins' own destructors have run. A plugin may call it on any
 * thread, and Node's destructors abort there: the code would be lost. glibc only; elsewhere it stays as it is.
 */
export function endAtExit(): void {
  if (process.platform !== 'linux') return;
  // musl has no on_exit. koffi would throw for it, which `--abort-on-uncaught-exception` does not survive.
  if (dlsym(LINUX_RTLD_DEFAULT, 'on_exit') === NULL) return;
  const onExit = libc.func('on_exit', 'int', ['uintptr_t', 'uintptr_t']) as (run: bigint, argument: number) => number;
  onExit(libc.symbol('_exit') as bigint, 0); // gets the code first, which is all that it wants
}
