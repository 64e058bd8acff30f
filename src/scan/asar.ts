import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILENAME } from '../manifest/index.js';

/** A path in an archive of Electron, up to the archive and after it. */
const IN_ARCHIVE = /^(.*?\.asar)(?=[\\/])(.*)$/i;

/**
 * The same folder in `app.asar.unpacked`, if the plugin was unpacked; otherwise `folder`. Electron shows the content of its
 * archive as files, but the system cannot open a library there.
 */
export function unpackedFolder(folder: string): string {
  const [, archive, rest] = IN_ARCHIVE.exec(folder) ?? [];
  if (archive === undefined || rest === undefined) return folder;
  const unpacked = `${archive}.unpacked${rest}`;
  return existsSync(join(unpacked, MANIFEST_FILENAME)) ? unpacked : folder;
}

/** The archive that `path` is in; undefined if it is an ordinary path. A folder may have such a name too. */
export function archiveOf(path: string): string | undefined {
  const [, archive] = IN_ARCHIVE.exec(path) ?? [];
  return archive !== undefined && isFile(archive) ? archive : undefined;
}

/** Electron shows an archive as a folder, unless `process.noAsar` is set. */
function isFile(archive: string): boolean {
  const electron = process as { noAsar?: boolean };
  const before = electron.noAsar;
  electron.noAsar = true;
  try {
    return statSync(archive, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  } finally {
    if (before === undefined) delete electron.noAsar;
    else electron.noAsar = before;
  }
}
