import { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { libc } from './memory.js';

type Done = (error: Error | null, result: number) => void;
interface Native<A extends readonly unknown[]> {
  (...args: A): number;
  async(...argsAndDone: [...A, Done]): void;
}

const RTLD_NOW = 2;
const RTLD_NOLOAD: Partial<Record<NodeJS.Platform, number>> = { linux: 4, darwin: 0x10 };
const UNCHANGED_REFCOUNT = 2;

/** Finds a loaded library without loading one. */
interface LoadedLookup {
  /** Returns a handle, or 0. */
  find: Native<[path: string]>;
  /** Present where `find` increments the library's reference count. */
  close?: Native<[handle: number]>;
}

let lookup: LoadedLookup | undefined;

/**
 * Whether opening `path` (absolute) would return a library that is already loaded, from this file or from another one with
 * this name. @throws LoadError ERR_LIBRARY_PATH
 */
export function isMapped(path: string): boolean {
  requireLoaderPath(path);
  const { find, close } = (lookup ??= makeLookup());
  const handle = find(path);
  if (handle !== 0) close?.(handle);
  return handle !== 0;
}

/** The same on a worker, because a hanging constructor holds the loader's lock. `done` gets 0 if the library is not loaded. */
export function isMappedAsync(path: string, done: Done): void {
  requireLoaderPath(path);
  const { find, close } = (lookup ??= makeLookup());
  find.async(path, (error, handle) => {
    if (error === null && handle !== 0) close?.(handle);
    done(error, handle);
  });
}

function makeLookup(): LoadedLookup {
  return process.platform === 'win32' ? windowsLookup() : posixLookup();
}

function posixLookup(): LoadedLookup {
  const noLoad = RTLD_NOLOAD[process.platform];
  const dlopen = libc.func('dlopen', 'uintptr_t', ['str', 'int']) as Native<[path: string, flags: number]>;
  const close = libc.func('dlclose', 'int', ['uintptr_t']) as Native<[handle: number]>;
  const flags = RTLD_NOW | (noLoad ?? 0);
  // Without RTLD_NOLOAD, dlopen would load the library.
  if (noLoad === undefined) return { find: Object.assign(() => 0, { async: (_path: string, done: Done) => done(null, 0) }) };
  return { find: Object.assign((path: string) => dlopen(path, flags), { async: (path: string, done: Done) => dlopen.async(path, flags, done) }), close };
}

function windowsLookup(): LoadedLookup {
  const getModule = koffi.load('kernel32.dll').func('GetModuleHandleExW', 'int', ['uint32_t', 'str16', 'void *']) as Native<[number, string, Buffer]>;
  const found = Buffer.alloc(8);
  const find = (path: string): number => getModule(UNCHANGED_REFCOUNT, path, found);
  return { find: Object.assign(find, { async: (path: string, done: Done) => getModule.async(UNCHANGED_REFCOUNT, path, found, done) }) };
}
