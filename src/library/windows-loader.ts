import { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';
import { NULL } from './memory.js';

/**
 * LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR and LOAD_LIBRARY_SEARCH_SYSTEM32: what a library needs comes from its own folder or the
 * system's, never from the current folder or the PATH, where anybody may have put a file with that name.
 */
export const DLL_SEARCH = 0x100 | 0x800;
const FORMAT_MESSAGE = 0x1000 | 0x200; // FROM_SYSTEM | IGNORE_INSERTS
const MAX_MESSAGE_BYTES = 1024;

type Call = (...args: unknown[]) => number;
let functions: { readonly load: Call; readonly lastError: Call; readonly format: Call } | undefined;

function kernel() {
  const dll = koffi.load('kernel32.dll');
  return {
    load: dll.func('LoadLibraryExW', 'uintptr_t', ['str16', 'uintptr_t', 'uint32_t']) as Call,
    lastError: dll.func('GetLastError', 'uint32_t', []) as Call,
    format: dll.func('FormatMessageW', 'uint32_t', ['uint32_t', 'uintptr_t', 'uint32_t', 'uint32_t', 'void *', 'uint32_t', 'uintptr_t']) as Call,
  };
}

/** Loads a library. koffi, which by itself also looks in the current folder and the PATH, then finds it loaded. @throws Error with the system's message */
export function loadLibrary(path: string): void {
  const { load, lastError, format } = (functions ??= kernel());
  if (load(path, 0, DLL_SEARCH) !== NULL) return;
  const code = lastError();
  const text = Buffer.alloc(MAX_MESSAGE_BYTES);
  const length = format(FORMAT_MESSAGE, 0, code, 0, text, text.length / 2, 0);
  throw new Error(`${text.toString('utf16le', 0, length * 2).trim() || 'it cannot be loaded'} (error ${code})`);
}
