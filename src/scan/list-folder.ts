import { Buffer } from 'node:buffer';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError, permissionAdvice, systemCode } from '../errors/index.js';
import { meansAbsent, reasonOf } from './stat.js';

/** The real path of `path`; undefined if it does not exist. */
export async function realPathIfPresent(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (await meansAbsent(cause, path)) return undefined;
    throw scanError(path, reasonOf(cause), cause);
  }
}

export interface Entry {
  readonly path: string;
  /** It is a folder itself. If not, it may be a link to one, or the file system does not say. */
  readonly isFolder: boolean;
}

/** Without the members of Object.prototype: Node copies them, and some cannot be set. */
const WITH_TYPES = Object.assign(Object.create(null) as object, { withFileTypes: true as const });

/** The entries of `folder`, sorted by code point, so the same on every machine. Empty if it no longer exists. */
export async function listFolder(folder: string): Promise<Entry[]> {
  try {
    const entries = (await readdir(folder, WITH_TYPES)).sort((a, b) => byCodePoint(a.name, b.name));
    return entries.map((entry) => ({ path: join(folder, entry.name), isFolder: entry.isDirectory() }));
  } catch (cause) {
    if (systemCode(cause) === 'ENOTDIR') throw scanError(folder, 'a file', cause);
    if (await meansAbsent(cause, folder)) return [];
    throw scanError(folder, reasonOf(cause), cause);
  }
}

function scanError(path: string, found: string, cause: unknown): LoadError {
  return new LoadError('ERR_DIRECTORY_SCAN', { expected: 'a folder', found, advice: permissionAdvice(cause) }, { path, cause });
}

/** UTF-8 bytes sort by code point; JavaScript strings do not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
