import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { FileSource } from './byte-source.js';
import { readElfNeeds } from './elf/needs.js';
import type { Needs } from './facts.js';
import { mappedLibraries } from './mapped-libraries.js';

let known: ReadonlyMap<string, string> | undefined;

/**
 * The libraries that Node itself needs, in this process and in every child: the names by which they are needed, and
 * their paths. A plugin that needs one of these names gets this library, in every process. Linux only, and empty elsewhere.
 */
export function ownLibraries(): ReadonlyMap<string, string> {
  known ??= process.platform === 'linux' ? findOwn() : new Map();
  return known;
}

function findOwn(): ReadonlyMap<string, string> {
  const mapped = new Map(mappedLibraries().map((path) => [needsOfFile(path)?.ownName ?? basename(path), path]));
  const own = new Map<string, string>();
  const names = [...(needsOfFile('/proc/self/exe')?.needed ?? [])];
  // Appended to while it is walked: what is needed by what is needed.
  for (const name of names) {
    const path = mapped.get(name);
    if (path === undefined || own.has(name)) continue;
    own.set(name, path);
    names.push(...(needsOfFile(path)?.needed ?? []));
  }
  return own;
}

/** What a library of this process needs. Undefined if its file cannot be read, perhaps because it was replaced. */
export function needsOfFile(path: string): Needs | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      return readElfNeeds(new FileSource(fd, fstatSync(fd).size));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
