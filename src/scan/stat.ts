import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { messageOf, systemCode } from '../errors/index.js';

/** True if `error` means that `path` does not exist. A dangling symbolic link counts as present: a plugin was meant to be there. */
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

/** A system error as text. Just ENOENT would be confusing, because the link itself exists. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ENOENT') return 'a symbolic link to a file that does not exist';
  if (code === 'ELOOP') return 'a symbolic link that points back to itself';
  return messageOf(error);
}
