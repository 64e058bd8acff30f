import { koffi } from './koffi-settings.js';
import { addressOf, libc, ownBuffer } from './memory.js';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** Makes the kernel kill this process when the thread that started it ends. Linux only; returns false elsewhere. */
export function dieWithParent(): boolean {
  if (process.platform !== 'linux') return false;
  const prctl = libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']) as (...args: number[]) => number;
  return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) === 0;
}

/** RLIMIT_DATA and RLIMIT_AS. */
const MEMORY_LIMITS = { privateMemory: 2, addresses: 9 };

/**
 * Limits the private writable memory of this process, or all its addresses, to `soft` bytes, which can be raised up to `hard`.
 * Linux only; returns false elsewhere.
 */
export function limitMemory(kind: keyof typeof MEMORY_LIMITS, soft: number, hard: number): boolean {
  if (process.platform !== 'linux') return false;
  return setLimit(MEMORY_LIMITS[kind], soft, hard);
}

function setLimit(resource: number, soft: number, hard: number): boolean {
  const setrlimit = libc.func('setrlimit', 'int', ['int', 'uintptr_t']) as (resource: number, limit: number) => number;
  const limit = ownBuffer(16); // struct rlimit: the soft limit, then the hard one
  limit.writeBigUInt64LE(BigInt(soft), 0);
  limit.writeBigUInt64LE(BigInt(hard), 8);
  return setrlimit(resource, addressOf(limit)) === 0;
}

export type LimitedResource = 'fileBytes' | 'openFiles' | 'coreFileBytes';

/** Limits that POSIX systems have, with numbers of their own. */
const RESOURCES: Partial<Record<NodeJS.Platform, Readonly<Record<LimitedResource, number>>>> = {
  linux: { fileBytes: 1, coreFileBytes: 4, openFiles: 7 },
  darwin: { fileBytes: 1, coreFileBytes: 4, openFiles: 8 },
};

/** Limits a resource of this process, for ever. Returns false if the system does not, or has no such limit. */
export function limitResource(name: LimitedResource, value: number): boolean {
  const resource = RESOURCES[process.platform]?.[name];
  return resource !== undefined && setLimit(resource, value, value);
}

/** Whether a debugger is attached. Windows only; `undefined` elsewhere. */
export function isDebugged(): boolean | undefined {
  if (process.platform !== 'win32') return undefined;
  return (koffi.load('kernel32.dll').func('IsDebuggerPresent', 'int', []) as () => number)() !== 0;
}

const F_GETFD = 1;
const FD_CLOEXEC = 1;

/** Whether a descriptor is inherited by child processes, as those that this process itself inherited are. POSIX only. */
export function isInheritable(fd: number): boolean {
  const fcntl = libc.func('fcntl', 'int', ['int', 'int']) as (fd: number, command: number) => number;
  const flags = fcntl(fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) === 0;
}
