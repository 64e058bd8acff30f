import { isOverwritten } from '../files/is-overwritten.js';
import { openedHere } from './opened-libraries.js';

/** The file of the library at `path`, or of one that it needs, was written to while it was mapped in this process: its code is lost. */
export function isOverwrittenHere(path: string): boolean {
  const known = openedHere.libraries.find((library) => library.path === path)?.mapped.names ?? [];
  const files = new Map(known.map((name) => [name.path, name]));
  return [...files.values()].some((file) => isOverwritten(file, process.pid));
}

/**
 * Whether calling into the library at `path` would crash this process. Only where `cp` can overwrite what is mapped: Windows refuses it, and
 * macOS kills the process.
 */
export const isLostHere = (path: string): boolean => process.platform === 'linux' && isOverwrittenHere(path);
