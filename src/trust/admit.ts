import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LoadError, inPlugin } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { MANIFEST_FILENAME, readManifest } from '../manifest/index.js';
import type { Trace } from '../report/trace.js';
import { resolveLibrary, type Candidate } from '../scan/index.js';
import { checkLock } from './check-lock.js';
import { checkContainment } from './containment.js';
import { enforce, type CheckContext } from './enforce.js';
import { entryBytes, hostPlatform, type FileHash } from './entry.js';
import { checkOwnership, ownershipIsChecked } from './ownership.js';
import { checkPolicy } from './policy.js';
import { stageCopy, type IsFree, type Staging } from './private-copies.js';
import { readFolder } from './read-folder.js';
import { checkSignature } from './signature.js';
import type { Trust } from './trust-options.js';

/** A plugin that may be loaded. */
export interface Admitted {
  /** The library to open. */
  readonly library: string;
  /** The library is in a private, verified copy of the folder, which is kept until the process ends. */
  readonly isCopy: boolean;
}

/**
 * Decides whether a plugin may be loaded, and records every check in the trace. Reads files and runs no code. With `copy`,
 * the result is always a private copy that is not in use.
 * @throws LoadError of step `trust` (docs/errors.md), or as `resolveLibrary`
 */
export async function admit(candidate: Candidate, trust: Trust, trace: Trace, logger: Logger, copy?: IsFree): Promise<Admitted> {
  const { id, path, manifestPath, manifest } = candidate;
  const { entryPoint } = manifest.plugin;
  const context: CheckContext = { pluginId: id, trace, logger };
  try {
    await trace.check('trust', 'policy', () => checkPolicy(id, path, trust), () => ({ found: id }));
    const library = await trace.check('trust', 'library file', () => resolveLibrary(path, entryPoint), (found) => ({ found }));
    await enforce(trust.allowOutside ? 'off' : 'require', 'inside the plugin folder', context, () => checkContainment(path, [manifestPath, library]));
    await enforceOwnership(trust, 'ownership and permissions', context, [path, manifestPath, library], path);
    const folder = await verify(candidate, trust, context, copy);
    if (folder === undefined) return { library, isCopy: false };
    // Resolve again: the folder may have changed before it was copied.
    return { library: await resolveLibrary(folder, entryPoint), isCopy: true };
  } catch (error) {
    throw inPlugin(error, id);
  }
}

/**
 * Copies a plugin that was admitted without a copy, if nobody else can replace the copy. Returns the library in it.
 * @throws LoadError as `readFolder` and `checkOwnership`; ERR_PLUGIN_CHANGED
 */
export function copyAdmitted(candidate: Candidate, trust: Trust, isFree: IsFree, maxBytes: number): Promise<string> {
  const { ownership, allowOutside, copyDir } = trust;
  return inStaging(copyDir, async (staging) => {
    if (ownershipIsChecked && ownership !== 'off') await checkOwnership([staging.path]);
    const files = await readFolder(candidate.path, { allowOutside, copyTo: staging.path, maxBytes });
    await checkManifest(candidate, staging.path);
    const folder = await staging.keep(digestOf(candidate, files), isFree);
    return resolveLibrary(folder, candidate.manifest.plugin.entryPoint);
  });
}

/** Fills and keeps a new copy. If that fails, nothing of it stays. */
async function inStaging(copyDir: string, fill: (staging: Staging) => Promise<string>): Promise<string> {
  const staging = await stageCopy(copyDir);
  try {
    return await fill(staging);
  } catch (error) {
    await staging.discard();
    throw error;
  }
}

async function enforceOwnership({ ownership }: Trust, check: string, context: CheckContext, paths: readonly string[], folder?: string): Promise<void> {
  if (!ownershipIsChecked) return context.trace.note('trust', check, 'not checked on Windows');
  const finding = { expected: 'writable by this user and root only' };
  await enforce(ownership, check, context, () => checkOwnership(paths, folder), finding);
}

/** Checks the files against lock and signature. Returns a private copy if the caller wants one, or if lock or signature is required. */
async function verify(candidate: Candidate, trust: Trust, context: CheckContext, isFree?: IsFree): Promise<string | undefined> {
  const { locked, signatures, allowOutside, copyDir } = trust;
  if (locked !== 'require' && signatures !== 'require' && isFree === undefined) {
    let files: Promise<readonly FileHash[]> | undefined;
    await compare(candidate, trust, context, () => (files ??= readFolder(candidate.path, { allowOutside })));
    return undefined;
  }
  const { trace } = context;
  return inStaging(copyDir, async (staging) => {
    await enforceOwnership(trust, 'ownership and permissions of the private copy', context, [staging.path]);
    const files = await trace.check('trust', 'copying the plugin, so that the verified bytes are loaded', () =>
      readFolder(candidate.path, { allowOutside, copyTo: staging.path }),
    );
    await compare(candidate, trust, context, () => Promise.resolve(files));
    await trace.check('trust', 'manifest in the private copy', () => checkManifest(candidate, staging.path));
    return trace.check('trust', 'private copy', () => staging.keep(digestOf(candidate, files), isFree), (found) => ({ found }));
  });
}

async function compare(candidate: Candidate, trust: Trust, context: CheckContext, read: () => Promise<readonly FileHash[]>): Promise<void> {
  const { locked, signatures, keys } = trust;
  const lockFile = trust.lockFileOf(candidate.path);
  const guarded = ownershipIsChecked && trust.ownership === 'require';
  const asLocked = { expected: `files as in ${lockFile}`, found: 'all files match the lock' };
  await enforce(locked, 'lock', context, async () => checkLock(candidate, await read(), lockFile, guarded), asLocked);
  const asSigned = { expected: `signed with one of ${keys.length} keys`, found: 'all files match the signature' };
  await enforce(signatures, 'signature', context, async () => checkSignature(candidate, await read(), keys), asSigned);
}

/** The scan read the manifest before the copy was made, so it may have changed. */
async function checkManifest({ id, path, manifest }: Candidate, copy: string): Promise<void> {
  const copied = await readManifest(join(copy, MANIFEST_FILENAME));
  if (isDeepStrictEqual(copied, manifest)) return;
  const fields = { expected: 'the manifest that the scan found', found: 'a different one' };
  throw new LoadError('ERR_PLUGIN_CHANGED', fields, { pluginId: id, path });
}

function digestOf({ id, manifest }: Candidate, files: readonly FileHash[]): string {
  const entry = { id, version: manifest.plugin.version, platform: hostPlatform(), files };
  return createHash('sha256').update(entryBytes(entry)).digest('hex');
}
