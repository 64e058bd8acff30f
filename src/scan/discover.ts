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
  /** Folders of plugin folders, the first to win first. `~` expands; a missing or empty folder is fine. */
  readonly pluginDirs: readonly string[];
  /** Strict SemVer. Without it no manifest is judged by host version. */
  readonly hostVersion?: string;
  /** Hears of what was passed over without being refused. */
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
 * The plugins in `pluginDirs`: every subfolder (or link to one) with an `aisopod.plugin.toml`. Reads
 * files only. What cannot be taken is in `refused`, each with its reason, and the rest goes on.
 * Order: the folders as given, what is in them by code point; of two plugins with one id the first wins.
 *
 * @throws {LoadError} ERR_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not a version: both are the caller's
 * mistakes. Nothing in the file system makes it throw.
 */
export async function discover(given: DiscoverOptions): Promise<Discovery> {
  const { pluginDirs, hostVersion, logger = silentLogger } = readOptions(discoverOptions, given);
  if (hostVersion !== undefined) checkHostVersion(hostVersion);
  const scan = new Scan(logger, hostVersion);
  // One after the other: the order is the result's, and manifests are small.
  for (const dir of pluginDirs) await scan.pluginDir(pathOption('pluginDirs', dir));
  return { candidates: scan.candidates, refused: scan.refused };
}

class Scan {
  readonly candidates: Candidate[] = [];
  readonly refused: Refusal[] = [];
  /** Real paths, so that no folder counts twice, by whatever name it was reached. */
  readonly #scannedDirs = new Set<string>();
  readonly #pluginFolders = new Set<string>();

  constructor(
    readonly logger: Logger,
    readonly hostVersion: string | undefined,
  ) {}

  async pluginDir(path: string): Promise<void> {
    await this.#orRefuse(path, async () => {
      if (!(await this.#isNew(path, this.#scannedDirs))) return;
      for (const entry of await listFolder(path)) await this.#orRefuse(entry, () => this.#entry(entry));
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
    // Node puts U+FFFD for bytes that are no UTF-8, and the name it makes leads nowhere.
    if (found === undefined && path.includes('\uFFFD')) throw unreadable(path, 'its name is not valid UTF-8');
    if (basename(path) === MANIFEST_FILENAME) this.logger.warn('A plugin folder was given where the folder around it is expected.', { path });
    else this.#passOver(path, found === undefined ? 'it is gone' : 'it is no folder');
    return false;
  }

  /** True once for each folder that exists. */
  async #isNew(path: string, seen: Set<string>): Promise<boolean> {
    const real = await realPathIfPresent(path);
    if (real === undefined || seen.has(real)) {
      this.#passOver(path, real === undefined ? 'it does not exist' : `it was scanned already, as ${real}`);
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
      this.#passOver(path, `there is no ${MANIFEST_FILENAME}`);
      return undefined;
    }
  }

  #passOver(path: string, reason: string): void {
    this.logger.debug(`Passed over: ${reason}.`, { path });
  }

  async #orRefuse(path: string, step: () => Promise<void>): Promise<void> {
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
