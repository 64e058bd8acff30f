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

/** Changes whenever Facts do. */
const FACTS_VERSION = 2;
/** The package's version: another one may read libraries differently. */
export const CACHE_VERSION = '0.1.0';

/** Files in the cache. At more it starts over, which costs only time. */
const MAX_FILES = 1_000;
/** In bytes of one file; libraries with more to say are read anew. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A file that changes twice within a tick of its file system's clock (FAT: two seconds) keeps its time. */
const SETTLED_MS = 2_500;

/**
 * `triage`, with what the library says of itself remembered in `cacheDir` until the file changes: its size, times, inode
 * or device. `~` expands. Only facts are remembered: the verdict, and which needed libraries are missing, depend on more than the file.
 * A cache that is damaged, somebody else's or not writable is as good as none.
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
  /** It was last written so long ago that a later change will show. */
  readonly isSettled: boolean;
}

/** Taken before the file is read: what is written meanwhile makes the key out of date, and never the facts. */
async function keyOf(path: string, { arch }: Target): Promise<CacheKey | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = stats;
  const text = [CACHE_VERSION, FACTS_VERSION, arch, resolve(path), dev, ino, size, mtimeNs, ctimeNs].join('\n');
  const latest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return { text, isSettled: Date.now() - latest > SETTLED_MS };
}

/** A cache file is a hash and the JSON that it is of: no damage goes unseen. */
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
    // A host that cannot write its cache works as one without.
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
