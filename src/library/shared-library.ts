import { Buffer } from 'node:buffer';
import { catchable } from './catchable.js';
import { keepingFloatingPoint } from './floating-point.js';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { dlsym } from './dlsym.js';
import { libc, NULL, type Address } from './memory.js';
import type { NativeCall } from './native-call.js';
import { loadLibrary } from './windows-loader.js';

/** A loaded library. It stays loaded unless it is closed. */
export interface SharedLibrary {
  readonly path: string;
  /** The address of an exported symbol, or `undefined`. */
  symbol(name: string): Address | undefined;
  /**
   * The call that closes it, and runs its destructors. Nothing may call its functions after that. Absent if it was not opened with
   * `mayClose`, or the system has no such call.
   */
  readonly close?: () => NativeCall;
}

type Handle = ReturnType<typeof koffi.load>;

/**
 * koffi closes a library when its handle is garbage-collected, and the rest at exit, where some C++ runtimes crash. Calling a function of
 * an unloaded library crashes as well. So every library is opened a second time, with a handle that is not koffi's. Where that is
 * impossible, koffi's handle is kept here.
 */
const handles: Handle[] = [];

export interface OpenLibraryOptions {
  /** Linux only: the library can be closed later. Otherwise it is marked as never to be unloaded. */
  readonly mayClose?: boolean;
  /**
   * glibc only (RTLD_DEEPBIND): the library uses its own symbols before those of Node, which exports OpenSSL, zlib and libuv.
   * False for a library with its own allocator: its `free` would free memory that libc allocated.
   */
  readonly prefersOwnNames: boolean;
}

/**
 * Opens `path` (absolute) and runs its constructors on this thread. Binds every symbol now, and locally.
 * @throws LoadError ERR_LIBRARY_PATH; koffi's error, whose message is the operating system's.
 */
export function openLibrary(path: string, { prefersOwnNames, mayClose = false }: OpenLibraryOptions): SharedLibrary {
  requireLoaderPath(path);
  const handle = keepingFloatingPoint(() => catchable(() => load(path, prefersOwnNames)));
  const pinned = pin(path, mayClose);
  if (pinned === undefined) handles.push(handle);
  else catchable(() => handle.unload());
  const { find = (name: string): number => symbolByKoffi(handle, name), closing } = pinned ?? {};
  let isClosed = false;
  return {
    path,
    symbol(name) {
      const found = isClosed ? NULL : find(name);
      return found === NULL ? undefined : (found as Address);
    },
    ...(closing && {
      close() {
        isClosed = true;
        return closing;
      },
    }),
  };
}

function load(path: string, prefersOwnNames: boolean): Handle {
  if (process.platform === 'win32') loadLibrary(path);
  return koffi.load(path, { deep: prefersOwnNames && !underSanitizer() });
}

function symbolByKoffi(handle: Handle, name: string): number {
  try {
    return catchable(() => Number(handle.symbol(name) as bigint));
  } catch {
    return NULL;
  }
}

/** The runtimes of the sanitizers abort at RTLD_DEEPBIND. */
export const underSanitizer = (): boolean => /lib[at]san|libubsan|libclang_rt/.test(process.env.LD_PRELOAD ?? '');

const RTLD_NOW = 2;
const RTLD_NOLOAD: Partial<Record<NodeJS.Platform, number>> = { linux: 0x4, darwin: 0x10 };
const RTLD_NODELETE: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1000, darwin: 0x80 };
const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;

/** A library that does not go with koffi's handle. */
interface Pinned {
  /** The address of a symbol, or NULL. Asks the system's loader, because koffi throws for a missing symbol: see catchable.ts. */
  readonly find: (name: string) => number;
  /** Gives up this second handle. */
  readonly closing?: NativeCall;
}

/** Pins the library that is loaded from `path`. Returns `undefined` if the system cannot. */
const pin: (path: string, mayClose: boolean) => Pinned | undefined = process.platform === 'win32' ? windowsPin() : posixPin();

function windowsPin(): typeof pin {
  const kernel = koffi.load('kernel32.dll');
  const getModule = kernel.func('GetModuleHandleExW', 'int', ['uint32_t', 'str16', 'void *']) as (flags: number, path: string, found: Buffer) => number;
  const getProcAddress = kernel.func('GetProcAddress', 'uintptr_t', ['uintptr_t', 'str']) as (library: bigint, name: string) => number;
  const found = Buffer.alloc(8);
  return (path) => {
    if (getModule(GET_MODULE_HANDLE_EX_FLAG_PIN, path, found) === 0) return undefined;
    const library = found.readBigUInt64LE();
    return { find: (name) => getProcAddress(library, name) };
  };
}

function posixPin(): typeof pin {
  const noLoad = RTLD_NOLOAD[process.platform];
  if (noLoad === undefined) return () => undefined;
  const dlopen = libc.func('dlopen', 'uintptr_t', ['str', 'int']) as (path: string, flags: number) => number;
  const dlclose = Number(libc.symbol('dlclose') as bigint) as Address;
  return (path, mayClose) => {
    const canClose = mayClose && process.platform === 'linux';
    const handle = dlopen(path, RTLD_NOW | noLoad | (canClose ? 0 : (RTLD_NODELETE[process.platform] ?? 0)));
    if (handle === NULL) return undefined;
    return { find: (name) => dlsym(handle, name), ...(canClose && { closing: { prototype: 'dlclose', at: dlclose, args: [handle] } }) };
  };
}
