import { readFileSync } from 'node:fs';

/** Paths of the shared libraries that are open in this process; Linux only, and empty where /proc is not mounted. */
export function mappedLibraries(): string[] {
  try {
    const maps = readFileSync('/proc/self/maps', 'utf8');
    return [...new Set(Array.from(maps.matchAll(/(\/.*\.so(?:\.[^/\n]*)?)$/gm), ([, path = '']) => path))];
  } catch {
    return [];
  }
}
