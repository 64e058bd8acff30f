import { loggerOption } from '../log/logger-option.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { checkHostVersion } from '../manifest/index.js';
import { checked, listOf, name } from '../options/fields.js';
import { pathOption } from '../options/folders.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { Discovery } from './discovery.js';
import { ManifestCache } from './manifest-cache.js';
import { Scan } from './scan.js';

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
 * `cache` holds the manifests that the last scan with the same `hostVersion` found.
 *
 * @throws {LoadError} ERR_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not a version. Never throws because of
 * anything in the file system.
 */
export async function discover(given: DiscoverOptions, cache = new ManifestCache()): Promise<Discovery> {
  const { pluginDirs, hostVersion, logger = silentLogger } = readOptions(discoverOptions, given);
  if (hostVersion !== undefined) checkHostVersion(hostVersion);
  const scan = new Scan(logger, hostVersion, cache);
  // Sequential, because the order of the folders is the order of the result.
  for (const dir of pluginDirs) await scan.pluginDir(pathOption('pluginDirs', dir));
  return scan.finish();
}
