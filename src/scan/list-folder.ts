import { Buffer } from 'node:buffer';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError, systemCode } from '../errors/index.js';
import { meansAbsent, reasonOf } from './stat.js';

/** Where `path` really is, the same for every way to write it; undefined where nothing is there. */
export async function realPathIfPresent(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (await meansAbsent(cause, path)) return undefined;
    throw scanError(path, reasonOf(cause), cause);
  }
}

/** The paths of what is in `folder`, by code point and so the same on every machine; none where it is gone. */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort(byCodePoint).map((name) => join(folder, name));
  } catch (cause) {
    if (systemCode(cause) === 'ENOTDIR') throw scanError(folder, 'a file', cause);
    if (await meansAbsent(cause, folder)) return [];
    throw scanError(folder, reasonOf(cause), cause);
  }
}

function scanError(path: string, found: string, cause: unknown): LoadError {
  return new LoadError('ERR_DIRECTORY_SCAN', { expected: 'a folder', found }, { path, cause });
}

/** The order of UTF-8 bytes is that of code points; the order of JavaScript strings is not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
