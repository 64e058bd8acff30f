import { join } from 'node:path';
import { LoadError, adviceFor } from '../errors/index.js';
import { archiveOf } from './asar.js';
import { libraryFilename } from './library-filename.js';
import { currentPlatform, libraryFolders, type LibraryPlatform } from './library-folders.js';
import { reasonOf, statIfPresent } from './stat.js';

/**
 * Finds the plugin's library for this machine: `<platform>-<arch>/<file>` (`linux-x64/libweather.so`) if it
 * exists, else `<file>` in the plugin folder itself. With musl, `<platform>-<arch>-musl` comes first.
 *
 * @param folder the plugin folder.
 * @param entryPoint `plugin.entryPoint` of its manifest.
 * @throws {LoadError} ERR_LIBRARY_NOT_FOUND with the paths `tried`; ERR_LIBRARY_FORMAT if it is not a regular
 * file; ERR_IO if its status cannot be read, for example because of a dangling link; ERR_LIBRARY_PATH in an archive of Electron.
 */
export async function resolveLibrary(
  folder: string,
  entryPoint: string,
  target: LibraryPlatform = currentPlatform(),
): Promise<string> {
  requireOutsideArchive(folder);
  const places = (name: string): string[] => {
    const file = libraryFilename(name, target.platform);
    return libraryFolders(folder, target).map((each) => join(each, file));
  };
  const tried = places(entryPoint);
  const found = await firstFile(tried);
  if (found !== undefined) return found;
  const bare = entryPoint.replace(/^lib/, '').replace(/\.(so|dylib|dll)$/i, '');
  const suggestion = bare !== entryPoint && bare !== '' && (await firstFile(places(bare))) !== undefined ? bare : undefined;
  throw new LoadError('ERR_LIBRARY_NOT_FOUND', { tried, entryPoint, suggestion }, { path: folder });
}

/** @throws LoadError ERR_LIBRARY_PATH */
function requireOutsideArchive(folder: string): void {
  const archive = archiveOf(folder);
  if (archive === undefined) return;
  const fields = { expected: 'a file that the system can open', found: `a part of the archive ${archive}`, archive };
  throw new LoadError('ERR_LIBRARY_PATH', fields, { path: folder });
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isFile(path)) return path;
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  const found = await statIfPresent(path).catch((cause: unknown) => {
    throw new LoadError('ERR_IO', { operation: 'find the library', reason: reasonOf(cause), advice: adviceFor(cause) }, { path, step: 'open', cause });
  });
  if (found === undefined || found.isFile()) return found !== undefined;
  throw new LoadError('ERR_LIBRARY_FORMAT', { expected: 'a file', found: found.isDirectory() ? 'a folder' : 'neither a file nor a folder' }, { path });
}
