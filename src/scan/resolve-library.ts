import { join } from 'node:path';
import { LoadError } from '../errors/index.js';
import { libraryFilename } from './library-filename.js';
import { reasonOf, statIfPresent } from './stat.js';

/**
 * Finds the plugin's library for this machine: `<platform>-<arch>/<file>` (`linux-x64/libweather.so`) if it
 * exists, else `<file>` in the plugin folder itself.
 *
 * @param folder the plugin folder.
 * @param entryPoint `plugin.entryPoint` of its manifest.
 * @throws {LoadError} ERR_LIBRARY_NOT_FOUND with the paths `tried`; ERR_LIBRARY_FORMAT if it is not a regular
 * file; ERR_IO if its status cannot be read, for example because of a dangling link.
 */
export async function resolveLibrary(
  folder: string,
  entryPoint: string,
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): Promise<string> {
  const places = (name: string): string[] => {
    const file = libraryFilename(name, platform);
    return [join(folder, `${platform}-${arch}`, file), join(folder, file)];
  };
  const tried = places(entryPoint);
  const found = await firstFile(tried);
  if (found !== undefined) return found;
  const bare = entryPoint.replace(/^lib/, '').replace(/\.(so|dylib|dll)$/i, '');
  const suggestion = bare !== entryPoint && bare !== '' && (await firstFile(places(bare))) !== undefined ? bare : undefined;
  throw new LoadError('ERR_LIBRARY_NOT_FOUND', { tried, entryPoint, suggestion }, { path: folder });
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isFile(path)) return path;
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  const found = await statIfPresent(path).catch((cause: unknown) => {
    throw new LoadError('ERR_IO', { operation: 'find the library', reason: reasonOf(cause) }, { path, step: 'open', cause });
  });
  if (found === undefined || found.isFile()) return found !== undefined;
  throw new LoadError('ERR_LIBRARY_FORMAT', { expected: 'a file', found: found.isDirectory() ? 'a folder' : 'neither a file nor a folder' }, { path });
}
