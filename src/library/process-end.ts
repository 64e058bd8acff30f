import { dlsym, LINUX_RTLD_DEFAULT } from './dlsym.js';
import { koffi } from './koffi-settings.js';
import { libc, NULL, ownBuffer } from './memory.js';

const isWindows = process.platform === 'win32';
/** Windows: a handle that always means the calling process. */
const THIS_PROCESS = -1;

/** Ends the process at once, without waiting for threads or running destructors. */
export const endProcess = isWindows ? terminator() : (libc.func('_exit', 'void', ['int']) as (code: number) => void);

/** On Windows _exit() is ExitProcess: it ends all other threads, wherever they are, and then runs the DllMain of every library. */
function terminator(): (code: number) => void {
  const terminate = koffi.load('kernel32.dll').func('TerminateProcess', 'int', ['intptr_t', 'uint32_t']) as (process: number, code: number) => number;
  return (code) => void terminate(THIS_PROCESS, code >>> 0);
}

/** Makes the system end the process after `seconds`: with SIGALRM, on Windows with exit code 1. */
export const endProcessIn = isWindows ? endByTimer : endByAlarm();

/** The same number on Linux and macOS. */
const SIGALRM = 14;
const SIG_DFL = 0;

/** A plugin may have ignored the signal, or have a handler for it. */
function endByAlarm(): (seconds: number) => void {
  const signal = libc.func('signal', 'uintptr_t', ['int', 'uintptr_t']) as (number: number, handler: number) => number;
  const alarm = libc.func('alarm', 'uint32_t', ['uint32_t']) as (seconds: number) => number;
  return (seconds) => {
    signal(SIGALRM, SIG_DFL);
    alarm(seconds);
  };
}

const WT_EXECUTEINTIMERTHREAD = 0x20;
const WT_EXECUTEONLYONCE = 0x8;

/** The timer calls TerminateProcess with the parameter that it is given, and 1, which says that it fired. */
function endByTimer(seconds: number): void {
  const kernel = koffi.load('kernel32.dll');
  const parameters = ['void *', 'uintptr_t', 'uintptr_t', 'intptr_t', 'uint32_t', 'uint32_t', 'uint32_t'];
  const createTimer = kernel.func('CreateTimerQueueTimer', 'int', parameters) as (...args: unknown[]) => number;
  createTimer(ownBuffer(8), 0, kernel.symbol('TerminateProcess'), THIS_PROCESS, seconds * 1000, 0, WT_EXECUTEINTIMERTHREAD | WT_EXECUTEONLYONCE);
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
