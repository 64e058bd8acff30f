import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileStamp, type FileStamp } from '../files/file-stamp.js';
import type { Candidate } from './discovery.js';
import { currentPlatform, libraryFolders } from './library-folders.js';

/** The name of a library, with or without a version. */
export const LIBRARY_NAME = /\.(?:so(?:\.[\d.]+)?|dylib|dll)$/i;
const MAX_LIBRARIES = 256;

type Places = Pick<Candidate, 'path' | 'manifestPath' | 'manifest'>;

/** A snapshot of the files that decide what a plugin does: its manifest, the schema of its configuration and all libraries in its folder. */
export class PluginFiles {
  readonly #stamps: ReadonlyMap<string, FileStamp | undefined>;

  constructor(private readonly candidate: Places) {
    this.#stamps = stampsOf(candidate);
  }

  /** True if one of them was replaced, written or removed since, or a library was added. */
  get haveChanged(): boolean {
    const now = stampsOf(this.candidate);
    return now.size !== this.#stamps.size || [...this.#stamps].some(([path, before]) => !isSameContent(before, now.get(path)));
  }
}

function stampsOf({ path, manifestPath, manifest }: Places): Map<string, FileStamp | undefined> {
  const libraries = libraryFolders(path, currentPlatform()).flatMap((folder) => namesIn(folder).filter((name) => LIBRARY_NAME.test(name)).map((name) => join(folder, name)));
  const schema = manifest.config === undefined ? [] : [join(path, manifest.config.schema)];
  return new Map([manifestPath, ...schema, ...libraries.slice(0, MAX_LIBRARIES)].map((file) => [file, fileStamp(file)]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Ignores the ctime: a new mode or hard link does not change the content. */
const isSameContent = (a: FileStamp | undefined, b: FileStamp | undefined): boolean => a?.file === b?.file && a?.content === b?.content;
