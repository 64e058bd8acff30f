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
import { stageCopy, type IsFree } from './private-copies.js';
import { readFolder } from './read-folder.js';
import { checkSignature } from './signature.js';
import type { Trust } from './trust-options.js';

/** What may be loaded, and from where. */
export interface Admitted {
  /** The library to open. */
  readonly library: string;
  /** It is in a private copy of the folder, whose bytes were verified. The copy stays until the process ends. */
  readonly isCopy: boolean;
}

/**
 * Decides whether a plugin may be loaded; every check is in the trace. Reads files, runs nothing. With `copy`, the result
 * is a private copy in any case, and one that is free.
 * @throws LoadError of step `trust` (docs/errors.md), or as `resolveLibrary`
 */
export async function admit(candidate: Candidate, trust: Trust, trace: Trace, logger: Logger, copy?: IsFree): Promise<Admitted> {
  const { id, path, manifestPath, manifest } = candidate;
  const { entryPoint } = manifest.plugin;
  const context: CheckContext = { pluginId: id, trace, logger };
  try {
    await trace.check('trust', 'policy', () => checkPolicy(id, path, trust), () => ({ found: id }));
    const library = await trace.check('trust', 'the library', () => resolveLibrary(path, entryPoint), (found) => ({ found }));
    await enforce(trust.allowOutside ? 'off' : 'require', 'inside the plugin folder', context, () => checkContainment(path, [manifestPath, library]));
    await enforceOwnership(trust, 'who may replace it', context, [path, manifestPath, library], path);
    const folder = await verify(candidate, trust, context, copy);
    if (folder === undefined) return { library, isCopy: false };
    // Looked for anew: the folder may have changed before it was copied.
    return { library: await resolveLibrary(folder, entryPoint), isCopy: true };
  } catch (error) {
    throw inPlugin(error, id);
  }
}

async function enforceOwnership({ ownership }: Trust, check: string, context: CheckContext, paths: readonly string[], folder?: string): Promise<void> {
  if (!ownershipIsChecked) return context.trace.note('trust', check, 'not checked on Windows');
  const finding = { expected: 'this user and root only' };
  await enforce(ownership, check, context, () => checkOwnership(paths, folder), finding);
}

/** Compares the files with lock and signature. Returns the private copy, if one is wanted or one of them is required. */
async function verify(candidate: Candidate, trust: Trust, context: CheckContext, isFree?: IsFree): Promise<string | undefined> {
  const { locked, signatures, allowOutside, copyDir } = trust;
  if (locked !== 'require' && signatures !== 'require' && isFree === undefined) {
    let files: Promise<readonly FileHash[]> | undefined;
    await compare(candidate, trust, context, () => (files ??= readFolder(candidate.path, { allowOutside })));
    return undefined;
  }
  const { trace } = context;
  const staging = await stageCopy(copyDir);
  try {
    await enforceOwnership(trust, 'who may replace the private copy', context, [staging.path]);
    const files = await trace.check('trust', 'copying the plugin, to load the bytes that are verified', () =>
      readFolder(candidate.path, { allowOutside, copyTo: staging.path }),
    );
    await compare(candidate, trust, context, () => Promise.resolve(files));
    await trace.check('trust', 'the manifest, in the copy', () => checkManifest(candidate, staging.path));
    return await trace.check('trust', 'the private copy', () => staging.keep(digestOf(candidate, files), isFree), (found) => ({ found }));
  } catch (error) {
    await staging.discard();
    throw error;
  }
}

async function compare(candidate: Candidate, trust: Trust, context: CheckContext, read: () => Promise<readonly FileHash[]>): Promise<void> {
  const { locked, signatures, keys } = trust;
  const lockFile = trust.lockFileOf(candidate.path);
  const guarded = ownershipIsChecked && trust.ownership === 'require';
  const asLocked = { expected: `as in ${lockFile}`, found: 'every file as locked' };
  await enforce(locked, 'the lock', context, async () => checkLock(candidate, await read(), lockFile, guarded), asLocked);
  const asSigned = { expected: `signed with one of ${keys.length} keys`, found: 'every file as signed' };
  await enforce(signatures, 'the signature', context, async () => checkSignature(candidate, await read(), keys), asSigned);
}

/** The manifest was read before the copy was made. */
async function checkManifest({ id, path, manifest }: Candidate, copy: string): Promise<void> {
  const copied = await readManifest(join(copy, MANIFEST_FILENAME));
  if (isDeepStrictEqual(copied, manifest)) return;
  const fields = { expected: 'the manifest that the scan found', found: 'another one' };
  throw new LoadError('ERR_PLUGIN_CHANGED', fields, { pluginId: id, path });
}

function digestOf({ id, manifest }: Candidate, files: readonly FileHash[]): string {
  const entry = { id, version: manifest.plugin.version, platform: hostPlatform(), files };
  return createHash('sha256').update(entryBytes(entry)).digest('hex');
}
