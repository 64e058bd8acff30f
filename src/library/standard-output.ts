import { koffi } from './koffi-settings.js';
import { libc } from './memory.js';

const IOLBF = 1; // glibc, musl and macOS agree on it

/**
 * Has the C library hand on what is printed line by line. Into a pipe it would hand on whole buffers, so that a line
 * shows late, or never where the process crashes. On Windows there is no such mode: it stays as it is.
 */
export function bufferStdoutByLine(): void {
  if (process.platform === 'win32') return;
  const variable = libc.symbol(process.platform === 'darwin' ? '__stdoutp' : 'stdout') as bigint;
  const stdout = koffi.decode(variable, 'uintptr_t') as number | bigint;
  const setvbuf = libc.func('setvbuf', 'int', ['uintptr_t', 'uintptr_t', 'int', 'size_t']) as (...args: (number | bigint)[]) => number;
  setvbuf(stdout, 0, IOLBF, 0);
}

const fflush = libc.func('fflush', 'int', ['uintptr_t']) as {
  async(stream: number, done: (error: Error | null) => void): void;
};

/** Hands on all that C code has printed so far; on a worker, since whoever holds the lock of a stream may never let go. */
export const flushOutput = (): Promise<void> => new Promise((resolve) => fflush.async(0, () => resolve()));
