import { Buffer } from 'node:buffer';
import { catchable } from './catchable.js';
import { keepingFloatingPoint } from './floating-point.js';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { dlsym } from './dlsym.js';
import { libc, NULL, type Address } from './memory.js';
import { loadLibrary } from './windows-loader.js';

/** A loaded library. It is never unloaded: see `handles`. */
export interface SharedLibrary {
  readonly path: string;
  /** The address of an exported symbol, or `undefined`. */
  symbol(name: string): Address | undefined;
}

/**
 * Keeps every handle, and every library is pinned too. koffi unloads a library when its handle is garbage-collected, and
 * closes the rest at exit, where some C++ runtimes crash. Calling a function of an unloaded library crashes as well.
 */
const handles: unknown[] = [];

export interface OpenLibraryOptions {
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
export function openLibrary(path: string, { prefersOwnNames }: OpenLibraryOptions): SharedLibrary {
  requireLoaderPath(path);
  const handle = keepingFloatingPoint(() => catchable(() => load(path, prefersOwnNames)));
  handles.push(handle);
  const address = pin(path) ?? ((name: string) => symbolByKoffi(handle, name));
  return {
    path,
    symbol(name) {
      const found = address(name);
      return found === NULL ? undefined : (found as Address);
    },
  };
}

function load(path: string, prefersOwnNames: boolean): ReturnType<typeof koffi.load> {
  if (process.platform === 'win32') loadLibrary(path);
  return koffi.load(path, { deep: prefersOwnNames && !underSanitizer() });
}

function symbolByKoffi(handle: ReturnType<typeof koffi.load>, name: string): number {
  try {
    return catchable(() => Number(handle.symbol(name) as bigint));
  } catch {
    return NULL;
  }
}

/** The runtimes of the sanitizers abort at RTLD_DEEPBIND. */
export const underSanitizer = (): boolean => /lib[at]san|libubsan|libclang_rt/.test(process.env.LD_PRELOAD ?? '');

const RTLD_NOW = 2;
/** Flags for a second dlopen that only marks the library as never to be unloaded. */
const PIN_FLAGS: Partial<Record<NodeJS.Platform, number>> = {
  linux: RTLD_NOW | 0x4 | 0x1000, // RTLD_NOLOAD | RTLD_NODELETE
  darwin: RTLD_NOW | 0x10 | 0x80,
};
const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;

/** The address of a symbol, or NULL. Asks the system's loader, because koffi throws for a missing symbol: see catchable.ts. */
type FindSymbol = (name: string) => number;

/** Pins the library that is loaded from `path`. Returns `undefined` if the system cannot. */
const pin: (path: string) => FindSymbol | undefined = process.platform === 'win32' ? windowsPin() : posixPin();

function windowsPin(): typeof pin {
  const kernel = koffi.load('kernel32.dll');
  const getModule = kernel.func('GetModuleHandleExW', 'int', ['uint32_t', 'str16', 'void *']) as (flags: number, path: string, found: Buffer) => number;
  const getProcAddress = kernel.func('GetProcAddress', 'uintptr_t', ['uintptr_t', 'str']) as (library: bigint, name: string) => number;
  const found = Buffer.alloc(8);
  return (path) => {
    if (getModule(GET_MODULE_HANDLE_EX_FLAG_PIN, path, found) === 0) return undefined;
    const library = found.readBigUInt64LE();
    return (name) => getProcAddress(library, name);
  };
}

function posixPin(): typeof pin {
  const flags = PIN_FLAGS[process.platform];
  if (flags === undefined) return () => undefined;
  const dlopen = libc.func('dlopen', 'uintptr_t', ['str', 'int']) as (path: string, flags: number) => number;
  return (path) => {
    const handle = dlopen(path, flags);
    // If this fails, only koffi's handle in `handles` keeps the library loaded.
    return handle === NULL ? undefined : (name) => dlsym(handle, name);
  };
}
