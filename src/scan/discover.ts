import { basename, join } from 'node:path';
import { LoadError } from '../errors/index.js';
import { loggerOption } from '../log/logger-option.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { checkHostVersion, MANIFEST_FILENAME, readManifest, type Manifest } from '../manifest/index.js';
import { checked, listOf, name } from '../options/fields.js';
import { pathOption } from '../options/folders.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { Candidate, Discovery, Refusal } from './discovery.js';
import { listFolder, realPathIfPresent } from './list-folder.js';
import { meansAbsent, reasonOf, statIfPresent } from './stat.js';

export interface DiscoverOptions {
  /** Folders that contain plugin folders, in order of precedence. `~` expands; a folder may be missing or empty. */
  readonly pluginDirs: readonly string[];
  /** Strict SemVer. Without it, the host version is not checked. */
  readonly hostVersion?: string;
  /** Logs the files and folders that were skipped. */
  readonly logger?: Logger;
}

const discoverOptions = group<DiscoverOptions>(
  {
    pluginDirs: listOf(name('the path of a folder'), 'an array of folder paths'),
    hostVersion: checked<string>('a version such as 1.0.0', (value) => typeof value === 'string'),
    logger: loggerOption,
  },
  { required: ['pluginDirs'] },
);

/**
 * Finds the plugins in `pluginDirs`: every subfolder (or link to one) with an `aisopod.plugin.toml`. Reads files only.
 * `refused` lists the folders with problems, each with its reason; they do not affect the others.
 * Order: the folders as given, their entries by code point. If two plugins have the same id, the first wins.
 *
 * @throws {LoadError} ERR_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not a version. Never throws because of
 * anything in the file system.
 */
export async function discover(given: DiscoverOptions): Promise<Discovery> {
  const { pluginDirs, hostVersion, logger = silentLogger } = readOptions(discoverOptions, given);
  if (hostVersion !== undefined) checkHostVersion(hostVersion);
  const scan = new Scan(logger, hostVersion);
  // Sequential, because the order of the folders is the order of the result.
  for (const dir of pluginDirs) await scan.pluginDir(pathOption('pluginDirs', dir));
  return { candidates: scan.candidates, refused: scan.refused };
}

class Scan {
  readonly candidates: Candidate[] = [];
  readonly refused: Refusal[] = [];
  /** Real paths, so that a folder counts only once even if links lead to it. */
  readonly #scannedDirs = new Set<string>();
  readonly #pluginFolders = new Set<string>();

  constructor(
    readonly logger: Logger,
    readonly hostVersion: string | undefined,
  ) {}

  async pluginDir(path: string): Promise<void> {
    await this.#refuseOnError(path, async () => {
      if (!(await this.#isNew(path, this.#scannedDirs))) return;
      for (const entry of await listFolder(path)) await this.#refuseOnError(entry, () => this.#entry(entry));
    });
  }

  async #entry(path: string): Promise<void> {
    const manifestPath = join(path, MANIFEST_FILENAME);
    if (!(await this.#isFolder(path)) || !(await this.#isNew(path, this.#pluginFolders))) return;
    const manifest = await this.#manifest(manifestPath);
    if (manifest === undefined) return;
    const { id } = manifest.plugin;
    const winner = this.candidates.find((candidate) => candidate.id === id);
    if (winner !== undefined) throw new LoadError('ERR_DUPLICATE_ID', { winner: winner.path }, { pluginId: id, path });
    this.candidates.push({ id, path, manifestPath, manifest });
  }

  async #isFolder(path: string): Promise<boolean> {
    const found = await statIfPresent(path).catch((cause: unknown) => {
      throw unreadable(path, reasonOf(cause), cause);
    });
    if (found?.isDirectory()) return true;
    // Node replaces bytes that are not UTF-8 by U+FFFD, and no file has the resulting name.
    if (found === undefined && path.includes('\uFFFD')) throw unreadable(path, 'its name is not valid UTF-8');
    if (basename(path) === MANIFEST_FILENAME) this.logger.warn('A plugin folder was given instead of its parent folder.', { path });
    else this.#skip(path, found === undefined ? 'it no longer exists' : 'not a folder');
    return false;
  }

  /** True once for each folder that exists. */
  async #isNew(path: string, seen: Set<string>): Promise<boolean> {
    const real = await realPathIfPresent(path);
    if (real === undefined || seen.has(real)) {
      this.#skip(path, real === undefined ? 'it does not exist' : `already scanned as ${real}`);
      return false;
    }
    seen.add(real);
    return true;
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

  async #refuseOnError(path: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      this.refused.push({ ...(error.pluginId === undefined ? {} : { id: error.pluginId }), path, error });
    }
  }
}

function unreadable(path: string, reason: string, cause?: unknown): LoadError {
  return new LoadError('ERR_IO', { operation: 'open the plugin folder', reason }, { path, cause });
}
