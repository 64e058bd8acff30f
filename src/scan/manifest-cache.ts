import type { LoadError } from '../errors/index.js';
import type { Manifest } from '../manifest/index.js';

/** What a manifest file contains: a manifest, or the reason why not. */
export type ManifestResult = { readonly manifest: Manifest } | { readonly error: LoadError };

interface Entry {
  /** Identifies the file and its content: device, inode, size, mtime and ctime. No program can set the ctime. */
  readonly stamp: string;
  readonly result: ManifestResult;
}

/** The result of the last scan for each manifest, for one version of the host: the next scan parses only changed files. */
export class ManifestCache {
  #entries: ReadonlyMap<string, Entry> = new Map();

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** Drops the entries of files that the last scan did not find. */
  replace(entries: ReadonlyMap<string, Entry>): void {
    this.#entries = entries;
  }
}

export type ManifestEntries = Map<string, Entry>;
