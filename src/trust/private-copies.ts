import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isLeased } from './copy-lease.js';
import { isAlive, thisProcess } from './process-identity.js';
import { withIoError } from './path-safety.js';
import { removeHeld, renameHeld } from './held-files.js';

/** `aisopod-plugins-<pid>-<start of the process>-<random>`: the name identifies the owning process. */
const NAME = /^aisopod-plugins-(\d+)-(\d+)-\w{6}$/;

/** This process's folder in each parent folder. Removed when the process ends. */
const owned = new Map<string, Promise<string>>();
const toRemove = new Set<string>();

/** Returns true if nothing uses the copy in `folder`, which is then used. */
export type IsFree = (folder: string) => boolean;

/** Makes the hint of a failed write name the option `trust.copyDir`. */
export const IN_COPY_DIR = { writes: true, option: 'trust.copyDir' } as const;

/** A copy that is being made. */
export interface Staging {
  /** An empty folder that only this user can enter. */
  readonly path: string;
  /** Moves the finished copy to a path named after its digest, and returns the path. If that path is in use, adds a number to it. */
  keep(digest: string, isFree?: IsFree): Promise<string>;
  discard(): Promise<void>;
}

/**
 * Starts a private copy in `parent`, which is created if missing. Kept copies stay until the process ends, because a
 * plugin may read the files beside its library at any time. If a process is killed, the next one removes its copies.
 * @throws LoadError ERR_IO
 */
export function stageCopy(parent: string): Promise<Staging> {
  return withIoError('make a private copy of the plugin', parent, async () => {
    const own = await ownFolder(parent);
    const path = await mkdtemp(join(own, 'staging-'));
    return { path, keep: (digest, isFree) => keep(path, freeName(join(own, digest), isFree)), discard: () => removeHeld(path).catch(() => undefined) };
  }, IN_COPY_DIR);
}

/** True if `path` is in a private folder of a host. */
export const isPrivateFolder = (path: string): boolean => path.split(sep).some((name) => NAME.test(name));

/** Makes an empty folder that only this user can enter. Removed when the process ends. @throws LoadError ERR_IO */
export function makePrivateFolder(parent: string, prefix: string): Promise<string> {
  return withIoError('make a private folder', parent, async () => mkdtemp(join(await ownFolder(parent), `${prefix}-`)), { writes: true });
}

function freeName(path: string, isFree: IsFree = () => true): string {
  let name = path;
  for (let number = 2; isLeased(name) || !isFree(name); number++) name = `${path}-${number}`;
  return name;
}

/** If a copy with the same content exists, it is used and the new one is deleted. */
async function keep(staging: string, final: string): Promise<string> {
  return withIoError('keep the private copy', final, async () => {
    const exists = async (): Promise<boolean> => (await lstat(final).catch(() => undefined)) !== undefined;
    if (!(await exists())) {
      try {
        await renameHeld(staging, final);
        return final;
      } catch (error) {
        if (!(await exists())) throw error;
      }
    }
    await removeHeld(staging);
    return final;
  }, IN_COPY_DIR);
}

function ownFolder(parent: string): Promise<string> {
  const known = owned.get(parent) ?? makeOwnFolder(parent);
  owned.set(parent, known);
  // Retry next time if it could not be created.
  known.catch(() => owned.delete(parent));
  return known;
}

async function makeOwnFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeLeftovers(parent);
  const { pid, started } = thisProcess();
  const folder = await mkdtemp(join(parent, `aisopod-plugins-${pid}-${started}-`));
  if (toRemove.size === 0) process.once('exit', () => toRemove.forEach(removeQuietly));
  toRemove.add(folder);
  return folder;
}

/** Windows cannot delete an open library; the next process deletes it. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The process is ending; the next one tries again.
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid, started = ''] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive({ pid: Number(pid), started })) continue;
    const path = join(parent, name);
    const stats = await lstat(path).catch(() => undefined);
    const isOurs = stats?.isDirectory() === true && (process.geteuid === undefined || stats.uid === process.geteuid());
    // Another host may be removing it at the same time.
    if (isOurs) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
