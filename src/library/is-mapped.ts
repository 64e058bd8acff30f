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

/** Asks the system's loader; answers a handle, or 0. */
interface Question {
  ask: Native<[path: string]>;
  /** Where asking counts as opening. */
  giveBack?: Native<[handle: number]>;
}

let question: Question | undefined;

/**
 * Whether opening `path` (absolute) would return a mapping that is there already: of this file, or of any other under
 * this name. @throws LoadError ERR_LIBRARY_PATH
 */
export function isMapped(path: string): boolean {
  requireLoaderPath(path);
  const { ask, giveBack } = (question ??= makeQuestion());
  const handle = ask(path);
  if (handle !== 0) giveBack?.(handle);
  return handle !== 0;
}

/** The same on a worker, because a constructor that hangs holds the loader's lock. `done` gets 0 if it is not mapped. */
export function isMappedAside(path: string, done: Done): void {
  requireLoaderPath(path);
  const { ask, giveBack } = (question ??= makeQuestion());
  ask.async(path, (error, handle) => {
    if (error === null && handle !== 0) giveBack?.(handle);
    done(error, handle);
  });
}

function makeQuestion(): Question {
  return process.platform === 'win32' ? windowsQuestion() : posixQuestion();
}

function posixQuestion(): Question {
  const noLoad = RTLD_NOLOAD[process.platform];
  const dlopen = libc.func('dlopen', 'uintptr_t', ['str', 'int']) as Native<[path: string, flags: number]>;
  const giveBack = libc.func('dlclose', 'int', ['uintptr_t']) as Native<[handle: number]>;
  const flags = RTLD_NOW | (noLoad ?? 0);
  // A system without the flag would load it.
  if (noLoad === undefined) return { ask: Object.assign(() => 0, { async: (_path: string, done: Done) => done(null, 0) }) };
  return { ask: Object.assign((path: string) => dlopen(path, flags), { async: (path: string, done: Done) => dlopen.async(path, flags, done) }), giveBack };
}

function windowsQuestion(): Question {
  const getModule = koffi.load('kernel32.dll').func('GetModuleHandleExW', 'int', ['uint32_t', 'str16', 'void *']) as Native<[number, string, Buffer]>;
  const found = Buffer.alloc(8);
  const ask = (path: string): number => getModule(UNCHANGED_REFCOUNT, path, found);
  return { ask: Object.assign(ask, { async: (path: string, done: Done) => getModule.async(UNCHANGED_REFCOUNT, path, found, done) }) };
}
