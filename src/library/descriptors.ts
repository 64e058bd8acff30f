import { addressOf, libc, ownBuffer } from './memory.js';

/*
 * Descriptors as a thread uses them without an event loop: sockets and pipes, read and written at addresses. POSIX only.
 */

const isMac = process.platform === 'darwin';
const isPosix = process.platform !== 'win32';

/** In `flags` of `recv` and `send`: return at once. */
const MSG_DONTWAIT = isMac ? 0x80 : 0x40;
/** No SIGPIPE if the other side is gone. macOS has no such flag, and Node ignores that signal anyway. */
const MSG_NOSIGNAL = isMac ? 0 : 0x4000;
/** How to read without waiting, and how to write: with or without waiting for room. */
export const RECEIVE_FLAGS = MSG_DONTWAIT;
export const SEND_FLAGS = MSG_NOSIGNAL;
export const SEND_NOW_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** Result, then arguments. They are data, because the thread that makes the calls has a koffi of its own. */
export const DESCRIPTOR_SIGNATURES = {
  recv: ['int64_t', ['int', 'uintptr_t', 'size_t', 'int']],
  send: ['int64_t', ['int', 'uintptr_t', 'size_t', 'int']],
  read: ['int64_t', ['int', 'uintptr_t', 'size_t']],
  poll: ['int', ['uintptr_t', isMac ? 'uint' : 'size_t', 'int']],
  sched_yield: ['int', []],
} as const;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLFD_BYTES = 8;

type Call = (...args: number[]) => number;
const bindCall = (name: keyof typeof DESCRIPTOR_SIGNATURES): Call => {
  const [result, given] = DESCRIPTOR_SIGNATURES[name];
  return libc.func(name, result, [...given]) as Call;
};
const functions = isPosix
  ? {
      recv: bindCall('recv'),
      send: bindCall('send'),
      yieldNow: bindCall('sched_yield'),
      write: libc.func('write', 'int64_t', ['int', 'uintptr_t', 'size_t']) as Call,
      pipe: libc.func('pipe', 'int', ['uintptr_t']) as Call,
      fcntl: libc.func('fcntl', 'int', ['int', 'int', '...']) as (fd: number, command: number, type: 'int', value: number) => number,
    }
  : undefined;

/** Reads what has arrived, without waiting. Returns the number of bytes; 0 at the end, negative if there are none. */
export const receiveNow = (fd: number, at: number, length: number): number => functions?.recv(fd, at, length, RECEIVE_FLAGS) ?? -1;

/** Writes as much as there is room for, without waiting. Returns the number of bytes, or a negative number. */
export const sendNow = (fd: number, at: number, length: number): number => functions?.send(fd, at, length, SEND_NOW_FLAGS) ?? -1;

const one = ownBuffer(1);
const oneAt = addressOf(one);

/** Sends a byte to a socket, unless it is full. */
export function ringDoorbell(fd: number): void {
  sendNow(fd, oneAt, 1);
}

/** Lets other threads run. */
export const yieldNow = (): void => void functions?.yieldNow();

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Programs that this process starts do not inherit the descriptor. */
export function keepFromPrograms(fd: number): void {
  functions?.fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
}

/** Programs that this process becomes or starts inherit the descriptor. */
export function keepForPrograms(fd: number): void {
  functions?.fcntl(fd, F_SETFD, 'int', 0);
}

/** A pipe, which programs that this process starts do not get; `undefined` if the process may not open more descriptors. */
export function openPipe(): { readonly from: number; readonly to: number } | undefined {
  const both = ownBuffer(8);
  if (functions?.pipe(addressOf(both)) !== 0) return undefined;
  const [from, to] = [both.readInt32LE(0), both.readInt32LE(4)];
  for (const descriptor of [from, to]) keepFromPrograms(descriptor);
  return { from, to };
}

/** Wakes a thread that waits for a descriptor. */
export interface Wakener {
  /** Readable once `wake` was called. The thread reads as many bytes as there were calls. */
  readonly fd: number;
  wake(): void;
}

/** Returns `undefined` if the process may not open more descriptors. */
export function openWakener(): Wakener | undefined {
  const pipe = openPipe();
  if (pipe === undefined) return undefined;
  return { fd: pipe.from, wake: () => void functions?.write(pipe.to, oneAt, 1) };
}
