import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { messageOf, systemCode } from '../errors/index.js';

/**
 * True where `error` says that nothing is at `path`. A symbolic link that leads nowhere is something:
 * whoever made it meant a plugin to be there.
 */
export async function meansAbsent(error: unknown, path: string): Promise<boolean> {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
  return lstat(path).then(
    (found) => !found.isSymbolicLink(),
    () => true,
  );
}

/**
 * What stands at `path`, symbolic links followed; undefined where nothing does.
 * @throws the system's error for all else, a link that leads nowhere among it.
 */
export async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (await meansAbsent(error, path)) return undefined;
    throw error;
  }
}

/** An error of the system in words: a bare ENOENT would puzzle whoever sees the link right there. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ENOENT') return 'a symbolic link that leads nowhere';
  if (code === 'ELOOP') return 'a symbolic link that leads back to itself';
  return messageOf(error);
}
