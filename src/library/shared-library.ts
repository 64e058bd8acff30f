import { Buffer } from 'node:buffer';
import { catchable } from './catchable.js';
import { keepingFloatingPoint } from './floating-point.js';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { dlsym } from './dlsym.js';
import { libc, NULL, type Address } from './memory.js';

/** A loaded library. It stays loaded as long as the process: see `openLibrary`. */
export interface SharedLibrary {
  readonly path: string;
  /** The address of an exported symbol, or `undefined`. */
  symbol(name: string): Address | undefined;
}

/**
 * koffi unmaps a library when its handle is collected, and closes what is left at exit, in which some C++ runtimes
 * crash; a function of an unmapped library is a crash too. So a handle is never let go, and the library is pinned.
 */
const handles: unknown[] = [];

export interface OpenLibraryOptions {
  /**
   * On glibc: the library prefers its own names to those of Node, which exports OpenSSL, zlib and libuv (RTLD_DEEPBIND).
   * False for one that brings an allocator: what libc allocates for it would be freed by its own `free`.
   */
  readonly prefersOwnNames: boolean;
}

/**
 * Opens `path` (absolute), which runs its constructors on this thread. Every symbol is bound now; the names stay local.
 * @throws LoadError ERR_LIBRARY_PATH; what koffi throws, with the system's own words as its message.
 */
export function openLibrary(path: string, { prefersOwnNames }: OpenLibraryOptions): SharedLibrary {
  requireLoaderPath(path);
  const handle = keepingFloatingPoint(() => catchable(() => koffi.load(path, { deep: prefersOwnNames && !underSanitizer() })));
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

function symbolByKoffi(handle: ReturnType<typeof koffi.load>, name: string): number {
  try {
    return catchable(() => Number(handle.symbol(name) as bigint));
  } catch {
    return NULL;
  }
}

/** The sanitizers' runtimes abort at RTLD_DEEPBIND. */
export const underSanitizer = (): boolean => /lib[at]san|libubsan|libclang_rt/.test(process.env.LD_PRELOAD ?? '');

const RTLD_NOW = 2;
/** An extra open that only says "never unmap": flags are the platform's own. */
const PIN_FLAGS: Partial<Record<NodeJS.Platform, number>> = {
  linux: RTLD_NOW | 0x4 | 0x1000, // RTLD_NOLOAD | RTLD_NODELETE
  darwin: RTLD_NOW | 0x10 | 0x80,
};
const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;

/**
 * The address of a symbol, or NULL. It asks the system's loader: koffi throws for a symbol that is missing, and under
 * `--abort-on-uncaught-exception` a throw through Node-API ends the process even where JavaScript catches it.
 */
type FindSymbol = (name: string) => number;

/** Pins the library that is loaded from `path`; `undefined` where the system cannot. */
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
    // A NULL leaves koffi's own handle as the only hold, which `handles` keeps.
    return handle === NULL ? undefined : (name) => dlsym(handle, name);
  };
}
