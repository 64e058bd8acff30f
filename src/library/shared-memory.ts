import { otherRuntime } from '../options/runtime.js';
import { closeDescriptor } from './close-descriptor.js';
import { koffi } from './koffi-settings.js';
import { immortal, immortalText, libc, type Address } from './memory.js';

/** Memory that processes share, as this process sees it. All of it exists at once, but only what is used takes memory. */
export interface SharedMemory {
  readonly address: Address;
  readonly size: number;
  /** Bytes from `offset` on. They must not be used after `release`, when they read as zeros. */
  view(offset: number, length: number): ArrayBuffer;
  /** Gives back the memory of some pages, for all processes. They read as zeros from then on. */
  discard(offset: number, length: number): void;
  /** Gives the memory back, for this process. Addresses stay valid and read as zeros, because somebody may still have a view. */
  release(): void;
}

/** Linux system calls without a function in every C library. */
const NUMBERS: Readonly<Partial<Record<NodeJS.Architecture, { readonly futex: number; readonly memfdCreate: number }>>> = {
  x64: { futex: 202, memfdCreate: 319 },
  arm64: { futex: 98, memfdCreate: 279 },
};
const SYSTEM_CALLS = process.platform === 'linux' ? NUMBERS[process.arch] : undefined;

/** The number of `futex`, or `undefined` where memory cannot be shared. */
export const FUTEX_CALL = SYSTEM_CALLS?.futex;
export const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MADV_REMOVE = 9;

type Call = (...args: number[]) => number;
const functions = SYSTEM_CALLS && {
  // Variadic in C. On these processors integers are passed as in any other function.
  syscall: libc.func('syscall', 'int64_t', ['int64_t', 'uintptr_t', 'int64_t', 'int64_t', 'uintptr_t', 'uintptr_t', 'int64_t']) as Call,
  ftruncate: libc.func('ftruncate', 'int', ['int', 'int64_t']) as Call,
  fcntl: libc.func('fcntl', 'int', ['int', 'int', 'int']) as Call,
  madvise: libc.func('madvise', 'int', ['uintptr_t', 'size_t', 'int']) as Call,
  mmap: libc.func('mmap', 'intptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t']) as Call,
};

/**
 * Creates memory to share. Returns its descriptor, to be passed to another process and to `mapSharedMemory`; `undefined` if the
 * system has no such memory or does not allow so much, and on Deno, which passes on only descriptors that it opened. It is sealed: a process that made it smaller would end all others that use it.
 */
export function createSharedMemory(size: number): number | undefined {
  if (functions === undefined || SYSTEM_CALLS === undefined || otherRuntime() === 'Deno') return undefined;
  const { syscall, ftruncate, fcntl } = functions;
  const fd = syscall(SYSTEM_CALLS.memfdCreate, immortalName(), MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0, 0, 0);
  if (fd < 0) return undefined;
  if (ftruncate(fd, size) === 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) === 0) return fd;
  closeDescriptor(fd);
  return undefined;
}

let name: Address | undefined;
const immortalName = (): Address => (name ??= immortalText('aisopod-plugin'));

/**
 * Maps the memory of a descriptor, which can be closed then. Returns `undefined` if there is no room for so many addresses, or if
 * foreign memory cannot be viewed, as in Electron.
 */
export function mapSharedMemory(fd: number, size: number): SharedMemory | undefined {
  if (process.versions.electron !== undefined) return undefined;
  const at = functions?.mmap(0, size, PROT_READ_WRITE, MAP_SHARED, fd, 0) ?? -1;
  return at > 0 ? new Mapping(at as Address, size) : undefined;
}

class Mapping implements SharedMemory {
  constructor(
    readonly address: Address,
    readonly size: number,
  ) {}

  view(offset: number, length: number): ArrayBuffer {
    return koffi.view(BigInt(this.address + offset), length);
  }

  discard(offset: number, length: number): void {
    functions?.madvise(this.address + offset, length, MADV_REMOVE);
  }

  release(): void {
    functions?.mmap(this.address, this.size, PROT_READ_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
}

/** Why processes cannot share so much memory here, or `undefined` if they can. */
export function sharedMemoryProblem(size: number): string | undefined {
  if (functions === undefined) return `not on ${process.platform}-${process.arch}`;
  if (otherRuntime() === 'Deno') return 'not on Deno';
  const fd = createSharedMemory(size);
  if (fd === undefined) return 'the system does not allow it (memfd_create, or the limit on the size of files)';
  const memory = mapSharedMemory(fd, size);
  closeDescriptor(fd);
  memory?.release();
  return memory === undefined ? 'the system does not allow so many addresses (ulimit -v), or this is Electron' : undefined;
}

/** Wakes one thread, in any process, that waits for the 32-bit word at `at` to change. */
export function wakeOne(at: number): void {
  if (SYSTEM_CALLS !== undefined) functions?.syscall(SYSTEM_CALLS.futex, at, FUTEX_WAKE, 1, 0, 0, 0);
}

/** Memory of this process alone, which is never given back: what the system provides it with as it is used. */
export function privateMemory(size: number): SharedMemory | undefined {
  if (process.versions.electron !== undefined) return undefined;
  return new PrivateMemory(immortal(size), size);
}

class PrivateMemory implements SharedMemory {
  constructor(
    readonly address: Address,
    readonly size: number,
  ) {}

  view(offset: number, length: number): ArrayBuffer {
    return koffi.view(BigInt(this.address + offset), length);
  }

  discard(): void {
    // It is small.
  }

  release(): void {
    // Native code may still have an address in it.
  }
}
