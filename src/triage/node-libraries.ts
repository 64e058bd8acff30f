import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { FileSource } from './byte-source.js';
import { readElfNeeds } from './elf/needs.js';
import type { Needs } from './facts.js';
import { mappedLibraries } from '../machine/mapped-libraries.js';

let known: ReadonlyMap<string, string> | undefined;

/**
 * The direct and indirect dependencies of Node itself, by name, with their paths. They are loaded in this process and in
 * every child, so a plugin that depends on one of these names gets this library. Empty on other systems than Linux.
 */
export function nodeLibraries(): ReadonlyMap<string, string> {
  known ??= process.platform === 'linux' ? findOwn() : new Map();
  return known;
}

function findOwn(): ReadonlyMap<string, string> {
  const mapped = new Map(mappedLibraries().map((path) => [needsOfFile(path)?.ownName ?? basename(path), path]));
  const own = new Map<string, string>();
  const names = [...(needsOfFile('/proc/self/exe')?.needed ?? [])];
  // The loop appends indirect dependencies to the list it walks.
  for (const name of names) {
    const path = mapped.get(name);
    if (path === undefined || own.has(name)) continue;
    own.set(name, path);
    names.push(...(needsOfFile(path)?.needed ?? []));
  }
  return own;
}

/** The dependencies of a library in this process. Undefined if its file cannot be read, perhaps because it was replaced. */
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
