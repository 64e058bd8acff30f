import type { LoadError } from '../errors/index.js';
import type { Manifest } from '../manifest/index.js';

/** What a manifest file contains: a manifest, or the reason why not. */
export type ManifestResult = { readonly manifest: Manifest } | { readonly error: LoadError };

interface Entry {
  /** Identifies the file and its content: device, inode, size, and times, one of which no program can set. */
  readonly stamp: string;
  readonly result: ManifestResult;
}

/** What the last scan found in each manifest, for one version of the host: the next scan parses only what has changed. */
export class ManifestCache {
  #entries: ReadonlyMap<string, Entry> = new Map();

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** Files that the last scan did not find are forgotten. */
  replace(entries: ReadonlyMap<string, Entry>): void {
    this.#entries = entries;
  }
}

export type ManifestEntries = Map<string, Entry>;
