import { checked, trueOrFalse } from '../options/fields.js';
import { group } from '../options/group.js';
import { optionError } from '../options/option-error.js';
import { readOptions } from '../options/read-options.js';
import { libraryFilename, requireCandidate, type Candidate } from '../scan/index.js';
import { hostPlatform, type FileHash, type LockEntry } from './entry.js';
import { EMPTY_LOCK, isLock, type Lock } from './lock.js';
import { readFolder } from './read-folder.js';

export interface LockOptions {
  /** Its entries for other plugins and other platforms are kept. */
  readonly previous?: Lock;
  /** As in TrustOptions. Default false. */
  readonly allowOutside?: boolean;
}

const lockOptions = group<LockOptions>({ previous: checked<Lock>('a lock, as parseLock() returns it', isLock), allowOutside: trueOrFalse });

/**
 * Makes a lock of these plugins from their current files.
 * @throws LoadError ERR_OPTIONS, ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function lockPlugins(candidates: readonly Candidate[], options: LockOptions = {}): Promise<Lock> {
  const { previous = EMPTY_LOCK, allowOutside = false } = readOptions(lockOptions, options);
  requireCandidates(candidates);
  const entries: LockEntry[] = [];
  for (const candidate of candidates) entries.push(await describePlugin(candidate, allowOutside));
  const kept = previous.plugins.filter((old) => !entries.some((entry) => replaces(entry, old)));
  return { lockVersion: 1, plugins: [...kept, ...entries] };
}

const replaces = (entry: LockEntry, old: LockEntry): boolean =>
  entry.id === old.id && (entry.platform === old.platform || [entry.platform, old.platform].includes('all'));

/** Hashes the current files of a plugin. @throws as `lockPlugins` */
export async function describePlugin({ id, path, manifest }: Candidate, allowOutside = false): Promise<LockEntry> {
  const { version, entryPoint } = manifest.plugin;
  const files = await readFolder(path, { allowOutside });
  return { id, version, platform: platformOf(files, entryPoint), files };
}

/** A library in a platform folder (`linux-x64/`) means that the plugin ships for several platforms. */
function platformOf(files: readonly FileHash[], entryPoint: string): string {
  const shipsSeveral = files.some(({ path }) => {
    const [, platform, file] = /^([a-z0-9]+)-[a-z0-9]+\/([^/]+)$/.exec(path) ?? [];
    return platform !== undefined && file === libraryFilename(entryPoint, platform as NodeJS.Platform);
  });
  return shipsSeveral ? 'all' : hostPlatform();
}

function requireCandidates(candidates: unknown): void {
  if (!Array.isArray(candidates)) throw optionError('candidates', 'an array of candidates', candidates);
  candidates.forEach((candidate: unknown, index) => requireCandidate(candidate, `candidates[${index}]`));
}
