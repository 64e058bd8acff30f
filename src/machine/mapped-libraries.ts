import { readFileSync } from 'node:fs';

/** Paths of the shared libraries mapped into this process. Linux only; empty if /proc is not mounted. */
export function mappedLibraries(): string[] {
  try {
    return librariesIn(readFileSync('/proc/self/maps', 'utf8'));
  } catch {
    return [];
  }
}

/** The paths in a text of the form of /proc/self/maps. */
export const librariesIn = (maps: string): string[] => [...new Set(Array.from(maps.matchAll(/(\/.*\.so(?:\.[^/\n]*)?)$/gm), ([, path = '']) => path))];
