import * as z from 'zod';
import { id, relativePath, version } from '../manifest/fields.js';
import { optionError } from '../options/option-error.js';
import { requireText } from '../options/require-text.js';
import { requireEntry, sorted, type LockEntry } from './entry.js';
import { parseJson, readText } from './json.js';
import { compareBytes } from './compare-bytes.js';
import { writeAtomically } from './write-atomically.js';

export const LOCK_FILENAME = 'aisopod-plugins.lock';

/** The validated content of `aisopod-plugins.lock`. Plain data. */
export interface Lock {
  readonly lockVersion: 1;
  /** One entry per id and platform. An entry for `all` is the only one for its id. */
  readonly plugins: readonly LockEntry[];
}

/** Checks the outer shape only; `parseLock` checks the content. */
export const isLock = (value: unknown): value is Lock => typeof value === 'object' && value !== null && Array.isArray((value as Partial<Lock>).plugins);

export const EMPTY_LOCK: Lock = { lockVersion: 1, plugins: [] };

// A list, not an object keyed by path: a file may be named __proto__.
const files = z
  .array(
    z.strictObject({
      path: relativePath,
      sha256: z.string({ error: 'a SHA-256 in hexadecimal' }).regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 in hexadecimal' }),
    }),
    { error: 'a list of files' },
  )
  .max(10_000, { error: 'at most 10000 files' })
  .refine((list) => new Set(list.map(({ path }) => path)).size === list.length, { error: 'each file once' });

export const entrySchema = z.strictObject({
  id,
  version,
  platform: z.string({ error: 'a platform' }).regex(/^(all|[a-z0-9]+-[a-z0-9]+)$/, { error: 'all, or a platform such as linux-x64' }),
  files,
});

const keyOf = ({ id, platform }: LockEntry): string => `${id} ${platform}`;

/** Two entries for the same machine would be ambiguous. */
function namesEachOnce(plugins: readonly LockEntry[]): boolean {
  const keys = new Set(plugins.map(keyOf));
  const forAll = new Set(plugins.filter(({ platform }) => platform === 'all').map((entry) => entry.id));
  return keys.size === plugins.length && plugins.every((entry) => entry.platform === 'all' || !forAll.has(entry.id));
}

const lockSchema = z.strictObject({
  lockVersion: z.literal(1, { error: 'lockVersion 1' }),
  plugins: z
    .array(entrySchema, { error: 'a list of plugins' })
    .max(10_000, { error: 'at most 10000 plugins' })
    .refine(namesEachOnce, { error: 'each id at most once per platform' }),
});

/**
 * The lock in `text` (JSON, at most 16 MiB).
 * @param path its file, for error messages.
 * @throws LoadError ERR_LOCK_FILE; ERR_OPTIONS if it is not a string
 */
export function parseLock(text: string, path?: string): Lock {
  requireText('text', text);
  return parseJson(lockSchema, text, path);
}

/** Formats a lock deterministically: plugins sorted by id and platform, files by path. @throws LoadError ERR_OPTIONS */
export function formatLock(lock: Lock): string {
  if (!isLock(lock)) throw optionError('lock', 'a lock, as lockPlugins() returns it', lock);
  const { lockVersion, plugins } = lock;
  plugins.forEach((entry, index) => requireEntry(entry, `lock.plugins[${index}]`));
  const ordered = [...plugins].sort((a, b) => compareBytes(keyOf(a), keyOf(b)));
  return `${JSON.stringify({ lockVersion, plugins: ordered.map(inOrder) }, undefined, 2)}\n`;
}

const inOrder = ({ id, version, platform, files }: LockEntry): LockEntry => ({
  id,
  version,
  platform,
  files: sorted(files).map(({ path, sha256 }) => ({ path, sha256 })),
});

/** @throws LoadError ERR_IO, ERR_LOCK_FILE, ERR_OPTIONS */
export async function readLock(path: string): Promise<Lock> {
  requireText('path', path);
  return parseLock(await readText(path), path);
}

/** Replaces the file atomically. @throws LoadError ERR_IO, ERR_OPTIONS */
export async function writeLock(path: string, lock: Lock): Promise<void> {
  requireText('path', path);
  await writeAtomically(path, formatLock(lock), 0o644);
}
