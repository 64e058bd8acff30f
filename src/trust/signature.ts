import { Buffer } from 'node:buffer';
import { sign, verify } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { LoadError, systemCode } from '../errors/index.js';
import { requireText } from '../options/require-text.js';
import { requireCandidate, type Candidate } from '../scan/index.js';
import { SIGNATURE_FILENAME, differences, entryBytes, hostPlatform, summary, type LockEntry } from './entry.js';
import { parseJson, readText } from './json.js';
import { privateKey, publicKeys, type Key } from './keys.js';
import { describePlugin } from './lock-plugins.js';
import { entrySchema } from './lock.js';
import { readFolder } from './read-folder.js';
import { writeAtomically } from './write-atomically.js';

/** The content of `aisopod.plugin.sig`. */
interface SignatureFile {
  readonly signatureVersion: 1;
  readonly entry: LockEntry;
  readonly signature: string;
}

const signatureSchema = z.strictObject({
  signatureVersion: z.literal(1, { error: 'signatureVersion 1' }),
  entry: entrySchema,
  signature: z.string({ error: 'an Ed25519 signature in base64' }).regex(/^[A-Za-z0-9+/]{86}==$/, { error: 'an Ed25519 signature in base64' }),
});

/** An Ed25519 signature over `entryBytes(entry)`, in base64. @throws LoadError ERR_KEY for a key of another kind, ERR_OPTIONS */
export function signEntry(entry: LockEntry, key: Key): string {
  return sign(null, entryBytes(entry), privateKey(key)).toString('base64');
}

/** True if `signature` was made with one of `keys`. @throws LoadError ERR_KEY for a key of another kind, ERR_OPTIONS */
export function verifyEntry(entry: LockEntry, signature: string, keys: readonly Key[]): boolean {
  requireText('signature', signature);
  const bytes = entryBytes(entry);
  return publicKeys(keys).some((key) => verify(null, bytes, key, Buffer.from(signature, 'base64')));
}

/**
 * Signs the current files of a plugin: writes `aisopod.plugin.sig` into its folder and returns the path of this file.
 * @throws LoadError ERR_OPTIONS, ERR_KEY, ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function signPlugin(candidate: Candidate, key: Key): Promise<string> {
  requireCandidate(candidate);
  const entry = await describePlugin(candidate);
  const content: SignatureFile = { signatureVersion: 1, entry, signature: signEntry(entry, key) };
  const path = join(candidate.path, SIGNATURE_FILENAME);
  await writeAtomically(path, `${JSON.stringify(content, undefined, 2)}\n`, 0o644);
  return path;
}

/**
 * Checks the current files of a plugin against its signature file.
 * @throws LoadError ERR_OPTIONS, ERR_SIGNATURE, ERR_LOCK_FILE, ERR_KEY, ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function verifyPlugin(candidate: Candidate, keys: readonly Key[]): Promise<void> {
  requireCandidate(candidate);
  const files = await readFolder(candidate.path, { allowOutside: false });
  await checkSignature(candidate, files, keys);
}

/** The same for files that were already read. */
export async function checkSignature(candidate: Candidate, files: LockEntry['files'], keys: readonly Key[]): Promise<void> {
  const { id, path, manifest } = candidate;
  const file = join(path, SIGNATURE_FILENAME);
  const { entry, signature } = await readSignature(file, id);
  const refuse = (expected: string, found: string): LoadError =>
    new LoadError('ERR_SIGNATURE', { expected, found }, { pluginId: id, path: file });
  if (!verifyEntry(entry, signature, keys)) throw refuse(`a signature by one of ${keys.length} known keys`, 'a signature by none of them');
  const { version } = manifest.plugin;
  if (entry.id !== id || entry.version !== version) throw refuse(`a signature for ${id} ${version}`, `one for ${entry.id} ${entry.version}`);
  if (entry.platform !== 'all' && entry.platform !== hostPlatform()) {
    throw refuse(`a signature for ${hostPlatform()}`, `one for ${entry.platform}`);
  }
  const changes = differences(entry.files, files);
  if (changes.length > 0) throw refuse('the files that were signed', summary(changes));
}

async function readSignature(path: string, pluginId: string): Promise<SignatureFile> {
  try {
    return parseJson(signatureSchema, await readText(path), path);
  } catch (error) {
    if (!(error instanceof LoadError) || systemCode(error.cause) !== 'ENOENT') throw error;
    throw new LoadError('ERR_SIGNATURE', { expected: 'a signature', found: 'none' }, { pluginId, path, cause: error });
  }
}
