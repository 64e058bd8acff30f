import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { addressOf, libc, type Address } from './memory.js';
import type { NativeCall } from './native-call.js';
import { narrowText, wideText } from './native-text.js';
import { underSanitizer, type OpenLibraryOptions } from './shared-library.js';
import { DLL_SEARCH } from './windows-loader.js';

const RTLD_NOW = 2;
const RTLD_LOCAL = process.platform === 'darwin' ? 4 : 0;
/** glibc only; see openLibrary. */
const RTLD_DEEPBIND = process.platform === 'linux' ? 8 : 0;

/**
 * The call that opens `path` (absolute), for another thread, so that a hanging constructor does not block the main thread.
 * It returns 0 if it failed. Call `openLibrary` afterwards: it finds the library already open, or reports why opening failed
 * (the system keeps that message per thread). On Windows, the libraries it needs are searched only in its own folder and
 * the system's.
 * @throws LoadError ERR_LIBRARY_PATH
 */
export function openLibraryCall(path: string, options: OpenLibraryOptions): NativeCall {
  requireLoaderPath(path);
  return process.platform === 'win32' ? windowsCall(path) : posixCall(path, options);
}

function posixCall(path: string, { prefersOwnNames }: OpenLibraryOptions): NativeCall {
  const keep = narrowText(path);
  const deep = prefersOwnNames && !underSanitizer() ? RTLD_DEEPBIND : 0;
  return { prototype: 'dlopen', at: symbolOf(libc, 'dlopen'), args: [addressOf(keep), RTLD_NOW | RTLD_LOCAL | deep], keep };
}

function windowsCall(path: string): NativeCall {
  const keep = wideText(path);
  return { prototype: 'LoadLibraryExW', at: symbolOf(koffi.load('kernel32.dll'), 'LoadLibraryExW'), args: [addressOf(keep), 0, DLL_SEARCH], keep };
}

const symbolOf = (library: ReturnType<typeof koffi.load>, name: string): Address => Number(library.symbol(name) as bigint) as Address;
