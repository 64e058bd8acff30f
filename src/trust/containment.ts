import { realpath } from 'node:fs/promises';
import { LoadError } from '../errors/index.js';
import { isInside, reading } from './way.js';

/**
 * Refuses a plugin whose manifest or library lies outside its folder once links are resolved. The folder itself may
 * be reached by a link.
 * @throws LoadError ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function checkContainment(folder: string, files: readonly string[]): Promise<void> {
  const root = await reading('find the plugin folder', folder, () => realpath(folder));
  for (const file of files) await resolveInside(root, file);
}

/** Where `file` really is. `root` holds no links. */
export async function resolveInside(root: string, file: string): Promise<string> {
  const real = await reading('follow the link', file, () => realpath(file));
  if (!isInside(root, real)) throw new LoadError('ERR_OUTSIDE_FOLDER', { expected: root, found: real }, { path: file });
  return real;
}
