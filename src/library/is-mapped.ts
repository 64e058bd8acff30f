import type { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';
import { requireLoaderPath } from './loader-path.js';
import { addressOf, libc, ownBuffer, type Address } from './memory.js';
import type { NativeCall } from './native-call.js';
import { narrowText, wideText } from './native-text.js';
import { bind } from './prototypes.js';

const RTLD_NOW = 2;
const RTLD_NOLOAD: Partial<Record<NodeJS.Platform, number>> = { linux: 4, darwin: 0x10 };
const UNCHANGED_REFCOUNT = 2;

/**
 * Whether opening `path` (absolute) would return a library that is already loaded, from this file or from another one with
 * this name. @throws LoadError ERR_LIBRARY_PATH
 */
export function isMapped(path: string): boolean {
  const { call, isMappedBy } = isMappedCall(path);
  if (call === undefined) return false;
  const find = bind(call.prototype, call.at) as (...args: readonly unknown[]) => number;
  const result = find(...call.args);
  void call.keep;
  return isMappedBy(result);
}

/** The lookup in two parts: a native call, and what its result means. */
export interface MappedLookup {
  /** Absent if the system cannot look a library up without loading it. */
  readonly call?: NativeCall;
  readonly isMappedBy: (result: number) => boolean;
}

/** The same for another thread, because a hanging constructor holds the loader's lock. @throws LoadError ERR_LIBRARY_PATH */
export function isMappedCall(path: string): MappedLookup {
  requireLoaderPath(path);
  return process.platform === 'win32' ? windowsLookup(path) : posixLookup(path);
}

let dlopen: Address | undefined;
let dlclose: ((handle: number) => number) | undefined;

function posixLookup(path: string): MappedLookup {
  const noLoad = RTLD_NOLOAD[process.platform];
  // Without RTLD_NOLOAD, dlopen would load the library.
  if (noLoad === undefined) return { isMappedBy: () => false };
  dlopen ??= Number(libc.symbol('dlopen') as bigint) as Address;
  const keep = narrowText(path);
  return {
    call: { prototype: 'dlopen', at: dlopen, args: [addressOf(keep), RTLD_NOW | noLoad], keep },
    isMappedBy(handle) {
      dlclose ??= libc.func('dlclose', 'int', ['uintptr_t']) as (handle: number) => number;
      if (handle !== 0) dlclose(handle); // the lookup has counted as an open
      return handle !== 0;
    },
  };
}

function windowsLookup(path: string): MappedLookup {
  const at = Number(koffi.load('kernel32.dll').symbol('GetModuleHandleExW') as bigint) as Address;
  const keep: readonly [Buffer, Buffer] = [wideText(path), ownBuffer(8)];
  const [text, found] = keep;
  return {
    call: { prototype: 'GetModuleHandleExW', at, args: [UNCHANGED_REFCOUNT, addressOf(text), addressOf(found)], keep },
    isMappedBy: (result) => result !== 0,
  };
}
