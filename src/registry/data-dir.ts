import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../errors/index.js';

/**
 * Creates the plugin's own folder in `parent`, an absolute path, and returns its path. Sets its mode to 0700 even if it already
 * exists, because other users must not read a plugin's data. @throws LoadError ERR_IO
 */
export async function makeDataDir(parent: string, pluginId: string): Promise<string> {
  const path = join(parent, pluginId);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (cause) {
    throw ioError("make the plugin's data folder", cause, { pluginId, path, step: 'init' }, { writes: true, option: 'dataDir' });
  }
  return path;
}
