import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileStamp, type FileStamp } from '../files/file-stamp.js';
import type { Candidate } from './discovery.js';

const LIBRARY = /\.(?:so(?:\.[\d.]+)?|dylib|dll)$/i;
const MAX_LIBRARIES = 256;

/** The files that decide what a plugin does, its manifest and all libraries in its folder, as they are when this is made. */
export class PluginFiles {
  readonly #stamps: ReadonlyMap<string, FileStamp | undefined>;

  constructor(private readonly candidate: Pick<Candidate, 'path' | 'manifestPath'>) {
    this.#stamps = stampsOf(candidate);
  }

  /** Whether one of them is another file now, was written to, or is gone; a new library counts as well. */
  get haveChanged(): boolean {
    const now = stampsOf(this.candidate);
    return now.size !== this.#stamps.size || [...this.#stamps].some(([path, before]) => !isSameContent(before, now.get(path)));
  }
}

function stampsOf({ path, manifestPath }: Pick<Candidate, 'path' | 'manifestPath'>): Map<string, FileStamp | undefined> {
  const own = join(path, `${process.platform}-${process.arch}`);
  const libraries = [path, own].flatMap((folder) => namesIn(folder).filter((name) => LIBRARY.test(name)).map((name) => join(folder, name)));
  return new Map([manifestPath, ...libraries.slice(0, MAX_LIBRARIES)].map((file) => [file, fileStamp(file)]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Without the ctime: a new mode or another link to the file does not change what it holds. */
const isSameContent = (a: FileStamp | undefined, b: FileStamp | undefined): boolean => a?.file === b?.file && a?.content === b?.content;
