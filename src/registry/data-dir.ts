import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError, messageOf } from '../errors/index.js';
import { expandHome } from '../scan/index.js';

/** Makes the plugin's own folder below `parent`, mode 0700, and returns its path. @throws LoadError ERR_IO */
export async function makeDataDir(parent: string, pluginId: string): Promise<string> {
  const path = join(expandHome(parent), pluginId);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const fields = { operation: "make the plugin's data folder", reason: messageOf(cause) };
    throw new LoadError('ERR_IO', fields, { pluginId, path, step: 'init', cause });
  }
  return path;
}
