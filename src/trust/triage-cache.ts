import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { absolutePath } from '../options/folders.js';
import { hostTarget, type Facts, type Target, type Triage } from '../triage/index.js';
import { readLibraryFile } from '../triage/read-library.js';
import { withDependencies } from '../triage/triage.js';
import { readOwn } from './read-own.js';
import { writeAtomically } from './write-atomically.js';

/** Increment when Facts change. */
const FACTS_VERSION = 5;
/** The version of the package: other versions may read libraries differently. */
export const CACHE_VERSION = '0.1.0';

/** When the cache is full, it is emptied, which costs only time. */
const MAX_FILES = 1_000;
/** Size limit of one cache file. Libraries with larger facts are not cached. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A second change within one tick of the file system's clock (FAT: two seconds) does not change the file's times. */
const SETTLED_MS = 2_500;

/**
 * `triage` with the library's facts cached in `cacheDir` until the file changes (size, times, inode or device). `~` expands.
 * The verdict and the missing dependencies are not cached, since they depend on more than the file. Cache files that
 * are damaged, or that belong to another user, are ignored, and so are write errors.
 * @throws LoadError as `triage`
 */
export async function cachedTriage(path: string, cacheDir: string, target: Target = hostTarget()): Promise<Triage> {
  const key = await keyOf(path, target);
  const folder = join(absolutePath(cacheDir), 'triage');
  const file = join(folder, `${sha256(`${resolve(path)}\0${target.arch}`)}.json`);
  let facts = key === undefined ? undefined : await readFacts(file, key.text);
  if (facts === undefined) {
    facts = await readLibraryFile(path, target.arch);
    if (key?.isSettled) await writeFacts(folder, file, key.text, facts);
  }
  return withDependencies(path, facts, target);
}

interface CacheKey {
  readonly text: string;
  /** The last change is so long ago that the next one will change the file's times. */
  readonly isSettled: boolean;
}

/** Must be taken before the file is read. If the file changes in between, the cache entry is stale but never wrong. */
async function keyOf(path: string, { arch }: Target): Promise<CacheKey | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = stats;
  const text = [CACHE_VERSION, FACTS_VERSION, arch, resolve(path), dev, ino, size, mtimeNs, ctimeNs].join('\n');
  const latest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return { text, isSettled: Date.now() - latest > SETTLED_MS };
}

/** A cache file contains JSON and its hash, so that damage is detected. */
async function readFacts(file: string, key: string): Promise<Facts | undefined> {
  try {
    const text = await readOwn(file, MAX_BYTES);
    const [hash, body = ''] = [text.slice(0, 64), text.slice(65)];
    if (sha256(body) !== hash) return undefined;
    const found = JSON.parse(body) as { readonly key: string; readonly facts: Facts };
    return found.key === key ? found.facts : undefined;
  } catch {
    return undefined;
  }
}

async function writeFacts(folder: string, file: string, key: string, facts: Facts): Promise<void> {
  const body = JSON.stringify({ key, facts });
  if (Buffer.byteLength(body) + 65 > MAX_BYTES) return;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await readdir(folder);
    if (files.length >= MAX_FILES) await Promise.all(files.map((name) => rm(join(folder, name), { force: true, recursive: true })));
    await writeAtomically(file, `${sha256(body)}\n${body}`, 0o600);
  } catch {
    // A host that cannot write the cache works without it.
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
