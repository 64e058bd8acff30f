import { LoadError, systemCode } from '../errors/index.js';
import { optionError } from '../options/option-error.js';
import { requireCandidate, type Candidate } from '../scan/index.js';
import { differences, hostPlatform, summary, type FileHash } from './entry.js';
import { isLock, readLock, type Lock } from './lock.js';
import { checkOwnership } from './ownership.js';
import { readFolder } from './read-folder.js';

/**
 * Checks the files of a plugin against a lock. Errors name `lockFile`; `allowOutside` is as in TrustOptions.
 * @throws LoadError ERR_OPTIONS, ERR_NOT_LOCKED, ERR_LOCK_MISMATCH, ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function verifyAgainstLock(candidate: Candidate, lock: Lock, lockFile: string, allowOutside = false): Promise<void> {
  requireCandidate(candidate);
  if (!isLock(lock)) throw optionError('lock', 'a lock, as parseLock() returns it', lock);
  if (typeof lockFile !== 'string') throw optionError('lockFile', 'the path of the lock file', lockFile);
  if (typeof allowOutside !== 'boolean') throw optionError('allowOutside', 'true or false', allowOutside);
  compareWithLock(candidate, await readFolder(candidate.path, { allowOutside }), lock, lockFile);
}

/** The same for files that were already read, and a lock file that may be missing. `guarded` also checks the ownership of the lock file. */
export async function checkLock(candidate: Candidate, files: readonly FileHash[], lockFile: string, guarded: boolean): Promise<void> {
  compareWithLock(candidate, files, await lockIfPresent(lockFile, guarded), lockFile);
}

async function lockIfPresent(lockFile: string, guarded: boolean): Promise<Lock | undefined> {
  try {
    if (guarded) await checkOwnership([lockFile]);
    return await readLock(lockFile);
  } catch (error) {
    if (error instanceof LoadError && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

function compareWithLock({ id, path, manifest }: Candidate, files: readonly FileHash[], lock: Lock | undefined, lockFile: string): void {
  const { version } = manifest.plugin;
  const where = { pluginId: id, path };
  const known = lock?.plugins.filter((plugin) => plugin.id === id) ?? [];
  const platform = hostPlatform();
  const locked = known.find((plugin) => plugin.platform === platform || plugin.platform === 'all');
  if (locked === undefined) {
    const others = known.length === 0 ? 'none' : `one for ${known.map((plugin) => plugin.platform).join(', ')}`;
    const found = lock === undefined ? 'no such file' : others;
    throw new LoadError('ERR_NOT_LOCKED', { expected: `an entry for ${id} on ${platform} in ${lockFile}`, found, lockFile }, where);
  }
  const mismatch = (expected: string, found: string): LoadError => new LoadError('ERR_LOCK_MISMATCH', { expected, found, lockFile }, where);
  if (locked.version !== version) throw mismatch(`version ${locked.version}`, `version ${version}`);
  const changes = differences(locked.files, files);
  if (changes.length > 0) throw mismatch('the files that were locked', summary(changes));
}
