import { libc } from './memory.js';

/** Ends the process with this code at once: no thread is waited for, no destructor runs. */
export const endProcess = libc.func('_exit', 'void', ['int']) as (code: number) => void;

const alarm = process.platform === 'win32' ? undefined : (libc.func('alarm', 'uint32_t', ['uint32_t']) as (seconds: number) => number);

/** Has the system end the process, by SIGALRM, if it still exists then. Does nothing on Windows. */
export function endProcessIn(seconds: number): void {
  alarm?.(seconds);
}
