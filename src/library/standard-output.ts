import { koffi } from './koffi-settings.js';
import { addressOf, libc, ownBuffer } from './memory.js';

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

const POLLOUT = 4; // Linux and macOS agree on it
const POLLFD_SIZE = 8;

/**
 * Asks whether stdout or stderr takes no more for now: what prints waits until somebody reads. On Windows the answer is
 * always no.
 */
export function outputFullness(): () => boolean {
  if (process.platform === 'win32') return () => false;
  const poll = libc.func('poll', 'int', ['uintptr_t', process.platform === 'darwin' ? 'uint' : 'size_t', 'int']) as (...args: number[]) => number;
  const descriptors = ownBuffer(2 * POLLFD_SIZE);
  const address = addressOf(descriptors);
  for (const [i, descriptor] of [1, 2].entries()) {
    descriptors.writeInt32LE(descriptor, i * POLLFD_SIZE);
    descriptors.writeInt16LE(POLLOUT, i * POLLFD_SIZE + 4);
  }
  const isFull = (i: number): boolean => descriptors.readInt16LE(i * POLLFD_SIZE + 6) === 0;
  return () => poll(address, 2, 0) >= 0 && (isFull(0) || isFull(1));
}
