import { Buffer } from 'node:buffer';
import { keepingFloatingPoint } from './floating-point.js';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { NULL, type Address } from './memory.js';

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
  const handle = keepingFloatingPoint(() => koffi.load(path, { deep: prefersOwnNames && !underSanitizer() }));
  handles.push(handle);
  pin(path);
  return {
    path,
    symbol(name) {
      try {
        return Number(handle.symbol(name) as bigint) as Address;
      } catch {
        return undefined;
      }
    },
  };
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

const pin: (path: string) => void = makePin();

function makePin(): (path: string) => void {
  if (process.platform === 'win32') {
    const kernel = koffi.load('kernel32.dll');
    const getModule = kernel.func('GetModuleHandleExW', 'int', ['uint32_t', 'str16', 'void *']);
    const found = Buffer.alloc(8);
    return (path) => void getModule(GET_MODULE_HANDLE_EX_FLAG_PIN, path, found);
  }
  const flags = PIN_FLAGS[process.platform];
  if (flags === undefined) return () => undefined;
  const dlopen = koffi.load(null).func('dlopen', 'uintptr_t', ['str', 'int']) as (path: string, flags: number) => number;
  return (path) => {
    // A NULL leaves koffi's own handle as the only hold, which `handles` keeps.
    if (dlopen(path, flags) === NULL) return;
  };
}
