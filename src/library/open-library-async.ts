import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { libc } from './memory.js';
import { underSanitizer, type OpenLibraryOptions } from './shared-library.js';

/** Opens a library on a worker. `done` gets 0 if it failed. */
type OpenAsync = (path: string, options: OpenLibraryOptions, done: (error: Error | null, handle: number) => void) => void;

const RTLD_NOW = 2;
const RTLD_LOCAL = process.platform === 'darwin' ? 4 : 0;
/** glibc only; see openLibrary. */
const RTLD_DEEPBIND = process.platform === 'linux' ? 8 : 0;
const LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR = 0x100;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

let open: OpenAsync | undefined;

/**
 * Opens `path` (absolute) on a worker, so that a hanging constructor does not block the main thread. Call `openLibrary`
 * afterwards: it finds the library already open, or reports why opening failed (the system keeps that message per thread).
 * On Windows, the libraries it needs are searched only in its own folder and the system's.
 * @throws LoadError ERR_LIBRARY_PATH
 */
export function openLibraryAsync(path: string, options: OpenLibraryOptions, done: (error: Error | null, handle: number) => void): void {
  requireLoaderPath(path);
  open ??= process.platform === 'win32' ? openOnWindows() : openOnPosix();
  open(path, options, done);
}

function openOnPosix(): OpenAsync {
  const dlopen = libc.func('dlopen', 'uintptr_t', ['str', 'int']) as {
    async(path: string, flags: number, done: (error: Error | null, handle: number) => void): void;
  };
  const deep = underSanitizer() ? 0 : RTLD_DEEPBIND;
  return (path, { prefersOwnNames }, done) => dlopen.async(path, RTLD_NOW | RTLD_LOCAL | (prefersOwnNames ? deep : 0), done);
}

function openOnWindows(): OpenAsync {
  const load = koffi.load('kernel32.dll').func('LoadLibraryExW', 'uintptr_t', ['str16', 'uintptr_t', 'uint32_t']) as {
    async(path: string, file: number, flags: number, done: (error: Error | null, handle: number) => void): void;
  };
  const flags = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32;
  return (path, _, done) => load.async(path, 0, flags, done);
}
