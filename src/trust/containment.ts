import { realpath } from 'node:fs/promises';
import { LoadError } from '../errors/index.js';
import { isInside, withIoError } from './path-safety.js';

/**
 * Refuses a plugin whose manifest or library is outside its folder after resolving symbolic links. The folder itself may
 * be a link.
 * @throws LoadError ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function checkContainment(folder: string, files: readonly string[]): Promise<void> {
  const root = await withIoError('find the plugin folder', folder, () => realpath(folder));
  for (const file of files) await resolveInside(root, file);
}

/** The real path of `file`. `root` is a real path. */
export async function resolveInside(root: string, file: string): Promise<string> {
  const real = await withIoError('follow the link', file, () => realpath(file));
  if (!isInside(root, real)) throw new LoadError('ERR_OUTSIDE_FOLDER', { expected: root, found: real }, { path: file });
  return real;
}
