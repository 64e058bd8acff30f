import { basename, join } from 'node:path';
import { LoadError, adviceFor, internalError } from '../errors/index.js';
import { readMany, type FolderReply } from '../files/index.js';
import type { Logger } from '../log/logger.js';
import { MANIFEST_FILENAME, MAX_MANIFEST_BYTES, manifestIn, readManifest, type Manifest } from '../manifest/index.js';
import { TimeSlice } from '../options/time-slice.js';
import { unpackedFolder } from './asar.js';
import type { Candidate, Discovery, Refusal } from './discovery.js';
import { listFolder, realPathIfPresent, type Entry } from './list-folder.js';
import type { ManifestCache, ManifestEntries, ManifestResult } from './manifest-cache.js';
import { meansAbsent, reasonOf, statIfPresent } from './stat.js';
import { hasOwn } from '../options/own-member.js';

/** A folder with at least this many entries is read on another thread. Starting the thread takes as long as reading this many here. */
const MIN_ENTRIES_FOR_THREAD = 100;

/** One pass over all folders. */
export class Scan {
  /** By id, in the order in which they were found. */
  readonly #candidates = new Map<string, Candidate>();
  readonly #refused: Refusal[] = [];
  /** Real paths, so that a folder counts only once even if links lead to it. */
  readonly #scannedDirs = new Set<string>();
  readonly #pluginFolders = new Set<string>();
  /** For the next scan. */
  readonly #parsed: ManifestEntries = new Map();

  constructor(
    private readonly logger: Logger,
    private readonly hostVersion: string | undefined,
    private readonly cache: ManifestCache,
  ) {}

  async pluginDir(path: string): Promise<void> {
    await this.#refuseOnError(path, async () => {
      const real = await this.#realPathIfNew(path, this.#scannedDirs);
      if (real === undefined) return;
      const entries = await listFolder(path);
      if (entries.length >= MIN_ENTRIES_FOR_THREAD) return this.#entriesOnThread(real, entries);
      for (const entry of entries) {
        const folder = unpackedFolder(entry.path);
        await this.#refuseOnError(folder, () => this.#entry(folder));
      }
    });
  }

  finish(): Discovery {
    this.cache.replace(this.#parsed);
    return { candidates: [...this.#candidates.values()], refused: this.#refused };
  }

  async #entriesOnThread(realDir: string, entries: readonly Entry[]): Promise<void> {
    const folders = entries.map(({ path }) => unpackedFolder(path));
    const requests = entries.map(({ path, isFolder }, at) => {
      const folder = folders[at];
      return isFolder && folder === path ? { folder, known: this.cache.get(join(folder, MANIFEST_FILENAME))?.stamp } : undefined;
    });
    const slice = new TimeSlice();
    let next = 0;
    for await (const reply of readMany(requests, MANIFEST_FILENAME, MAX_MANIFEST_BYTES)) {
      const path = folders[next++] ?? '';
      await this.#refuseOnError(path, () => (reply === undefined ? this.#entry(path) : this.#addReply(path, join(realDir, basename(path)), reply)));
      await slice.pause();
    }
  }

  async #entry(path: string): Promise<void> {
    if (!(await this.#isFolder(path)) || (await this.#realPathIfNew(path, this.#pluginFolders)) === undefined) return;
    const manifestPath = join(path, MANIFEST_FILENAME);
    const manifest = await this.#manifest(manifestPath);
    if (manifest !== undefined) this.#add({ id: manifest.plugin.id, path, manifestPath, manifest });
  }

  #addReply(path: string, real: string, reply: NonNullable<FolderReply>): void {
    if (!this.#isNew(path, real, this.#pluginFolders)) return;
    const manifestPath = join(path, MANIFEST_FILENAME);
    const parsed = reply === 'unchanged' ? this.cache.get(manifestPath) : { stamp: reply.stamp, result: this.#parse(reply.bytes, manifestPath) };
    if (parsed === undefined) return;
    this.#parsed.set(manifestPath, parsed);
    const { result } = parsed;
    if (hasOwn(result, 'error')) throw result.error;
    const { manifest } = result;
    this.#add({ id: manifest.plugin.id, path, manifestPath, manifest });
  }

  #parse(bytes: Uint8Array, manifestPath: string): ManifestResult {
    try {
      return { manifest: manifestIn(bytes, manifestPath, this.hostVersion) };
    } catch (error) {
      if (error instanceof LoadError) return { error };
      throw error;
    }
  }

  #add(candidate: Candidate): void {
    const { id, path } = candidate;
    const winner = this.#candidates.get(id);
    if (winner !== undefined) throw new LoadError('ERR_DUPLICATE_ID', { winner: winner.path }, { pluginId: id, path });
    this.#candidates.set(id, candidate);
  }

  async #isFolder(path: string): Promise<boolean> {
    const found = await statIfPresent(path).catch((cause: unknown) => {
      throw unreadable(path, reasonOf(cause), adviceFor(cause), cause);
    });
    if (found?.isDirectory()) return true;
    // Node replaces bytes that are not UTF-8 by U+FFFD, and no file has the resulting name.
    if (found === undefined && path.includes('\uFFFD')) throw unreadable(path, 'its name is not valid UTF-8', 'Rename the folder.');
    if (basename(path) === MANIFEST_FILENAME) this.logger.warn('A plugin folder was given instead of its parent folder.', { path });
    else this.#skip(path, found === undefined ? 'it no longer exists' : 'not a folder');
    return false;
  }

  /** `undefined` if the folder does not exist or was already scanned. */
  async #realPathIfNew(path: string, seen: Set<string>): Promise<string | undefined> {
    const real = await realPathIfPresent(path);
    if (real === undefined) this.#skip(path, 'it does not exist');
    else if (this.#isNew(path, real, seen)) return real;
    return undefined;
  }

  #isNew(path: string, real: string, seen: Set<string>): boolean {
    if (!seen.has(real)) {
      seen.add(real);
      return true;
    }
    this.#skip(path, `already scanned as ${real}`);
    return false;
  }

  async #manifest(path: string): Promise<Manifest | undefined> {
    try {
      return await readManifest(path, this.hostVersion === undefined ? {} : { hostVersion: this.hostVersion });
    } catch (error) {
      if (!(error instanceof LoadError) || !(await meansAbsent(error.cause, path))) throw error;
      this.#skip(path, `it has no ${MANIFEST_FILENAME}`);
      return undefined;
    }
  }

  #skip(path: string, reason: string): void {
    this.logger.debug(`Skipped: ${reason}.`, { path });
  }

  async #refuseOnError(path: string, step: () => Promise<void> | void): Promise<void> {
    try {
      await step();
    } catch (error) {
      // What throws unexpectedly refuses its folder, not the whole scan.
      const typed = error instanceof LoadError ? error : internalError(error, { path, step: 'scan' });
      this.#refused.push({ ...(typed.pluginId === undefined ? {} : { id: typed.pluginId }), path, error: typed });
    }
  }
}

function unreadable(path: string, reason: string, advice: string, cause?: unknown): LoadError {
  return new LoadError('ERR_IO', { operation: 'open the plugin folder', reason, advice }, { path, cause });
}
