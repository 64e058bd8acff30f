import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { messageOf, systemCode } from '../errors/index.js';

/** True if `error` means that `path` does not exist. A dangling symbolic link exists: its author meant a plugin to be there. */
export async function meansAbsent(error: unknown, path: string): Promise<boolean> {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
  return lstat(path).then(
    (found) => !found.isSymbolicLink(),
    () => true,
  );
}

/**
 * The status of `path`, following symbolic links; undefined if it does not exist.
 * @throws any other system error, including that of a dangling link
 */
export async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (await meansAbsent(error, path)) return undefined;
    throw error;
  }
}

/** A system error in words. A bare ENOENT would be confusing where a link exists. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ENOENT') return 'a symbolic link that leads nowhere';
  if (code === 'ELOOP') return 'a symbolic link that leads back to itself';
  return messageOf(error);
}
