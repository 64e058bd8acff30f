import { POLLFD_BYTES, POLLOUT, DESCRIPTOR_SIGNATURES } from './descriptors.js';
import { koffi } from './koffi-settings.js';
import { addressOf, libc, ownBuffer } from './memory.js';

const IOLBF = 1; // glibc, musl and macOS agree on it
const IONBF_ON_WINDOWS = 4;

/**
 * Makes the C library buffer stdout by line. To a pipe it would write full buffers, so a line would appear late, or never
 * if the process crashes. Windows has no such mode: there it does not buffer.
 */
export function bufferStdoutByLine(): void {
  if (process.platform === 'win32') {
    unbufferStdoutOnWindows();
    return;
  }
  const variable = libc.symbol(process.platform === 'darwin' ? '__stdoutp' : 'stdout') as bigint;
  const stdout = koffi.decode(variable, 'uintptr_t') as number | bigint;
  const setvbuf = libc.func('setvbuf', 'int', ['uintptr_t', 'uintptr_t', 'int', 'size_t']) as (...args: (number | bigint)[]) => number;
  setvbuf(stdout, 0, IOLBF, 0);
}

type SetBuffer = (stream: number | bigint, buffer: number, mode: number, size: number) => number;
const FILE_BYTES = 48; // of msvcrt.dll, in 64-bit processes

/** Each C library has a stdout of its own: the universal one, and the old one, which MinGW may link to. */
function unbufferStdoutOnWindows(): void {
  const setBufferOf = (library: ReturnType<typeof koffi.load>): SetBuffer => library.func('setvbuf', 'int', ['uintptr_t', 'uintptr_t', 'int', 'size_t']) as SetBuffer;
  const streamOf = libc.func('__acrt_iob_func', 'uintptr_t', ['uint32_t']) as (index: number) => number;
  setBufferOf(libc)(streamOf(1), 0, IONBF_ON_WINDOWS, 0);
  const old = koffi.load('msvcrt.dll');
  const streams = old.func('__iob_func', 'uintptr_t', []) as () => number;
  setBufferOf(old)(streams() + FILE_BYTES, 0, IONBF_ON_WINDOWS, 0);
}

const fflush = libc.func('fflush', 'int', ['uintptr_t']) as {
  async(stream: number, done: (error: Error | null) => void): void;
};

/** Flushes the output of C code, on a worker, because another thread may hold a stream's lock forever. */
export const flushOutput = (): Promise<void> => new Promise((resolve) => fflush.async(0, () => resolve()));


/**
 * Returns a function that tells whether stdout or stderr is full, so that a thread that prints blocks until the host reads.
 * On Windows it always returns false.
 */
export function makeOutputFullCheck(): () => boolean {
  if (process.platform === 'win32') return () => false;
  const [result, given] = DESCRIPTOR_SIGNATURES.poll;
  const poll = libc.func('poll', result, [...given]) as (...args: number[]) => number;
  const descriptors = ownBuffer(2 * POLLFD_BYTES);
  const address = addressOf(descriptors);
  for (const [i, descriptor] of [1, 2].entries()) {
    descriptors.writeInt32LE(descriptor, i * POLLFD_BYTES);
    descriptors.writeInt16LE(POLLOUT, i * POLLFD_BYTES + 4);
  }
  const isFull = (i: number): boolean => descriptors.readInt16LE(i * POLLFD_BYTES + 6) === 0;
  return () => poll(address, 2, 0) >= 0 && (isFull(0) || isFull(1));
}

const STDOUT = 1;
const STDERR = 2;
/** With close-on-exec: a program that is started later must not hold the copy. The number differs between Linux and macOS. */
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1030;

/**
 * Makes standard output of this process, also that of native code, go to standard error. Returns a descriptor of what standard
 * output was. Does nothing on Windows, where each C library has descriptors of its own, and returns `undefined`.
 * @throws Error if standard output or standard error is closed
 */
export function divertStdout(): number | undefined {
  if (process.platform === 'win32') return undefined;
  const fcntl = libc.func('fcntl', 'int', ['int', 'int', '...']) as (fd: number, command: number, type: 'int', value: number) => number;
  const dup2 = libc.func('dup2', 'int', ['int', 'int']) as (from: number, to: number) => number;
  const copy = fcntl(STDOUT, F_DUPFD_CLOEXEC, 'int', STDERR + 1);
  if (copy < 0 || dup2(STDERR, STDOUT) < 0) throw new Error('standard output or standard error is closed');
  return copy;
}
