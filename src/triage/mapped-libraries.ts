import { readFileSync } from 'node:fs';

/** Paths of the shared libraries mapped into this process. Linux only; empty if /proc is not mounted. */
export function mappedLibraries(): string[] {
  try {
    const maps = readFileSync('/proc/self/maps', 'utf8');
    return [...new Set(Array.from(maps.matchAll(/(\/.*\.so(?:\.[^/\n]*)?)$/gm), ([, path = '']) => path))];
  } catch {
    return [];
  }
}
