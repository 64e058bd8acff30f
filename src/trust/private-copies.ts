import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, thisProcess } from './process-identity.js';
import { reading } from './way.js';

/** `aisopod-plugins-<pid>-<start of the process>-<random>`: whose it is can be told without opening it. */
const NAME = /^aisopod-plugins-(\d+)-(\d+)-\w{6}$/;

/** This process's own folder in each folder for copies; all are removed when it ends. */
const owned = new Map<string, Promise<string>>();
const toRemove = new Set<string>();

/** Whether nothing uses the copy in `folder`. */
export type IsFree = (folder: string) => boolean;

/** For the hint where a write fails. */
export const IN_COPY_DIR = { writes: true, option: 'trust.copyDir' } as const;

/** A copy in the making. */
export interface Staging {
  /** An empty folder that only this user may enter. */
  readonly path: string;
  /**
   * Gives it its place among this process's copies, named by its content, and returns its path. Copies with the same
   * content that are not free are passed over.
   */
  keep(digest: string, isFree?: IsFree): Promise<string>;
  discard(): Promise<void>;
}

/**
 * Room for a private copy in `parent`, which is made where it is missing. What is kept stays until the process ends:
 * a plugin may read the files beside its library at any time. What a killed process left is removed by the next one.
 * @throws LoadError ERR_IO
 */
export function stageCopy(parent: string): Promise<Staging> {
  return reading('make a private copy of the plugin', parent, async () => {
    const own = await ownFolder(parent);
    const path = await mkdtemp(join(own, 'staging-'));
    return { path, keep: (digest, isFree) => keep(path, freeName(join(own, digest), isFree)), discard: () => rm(path, { recursive: true, force: true }).catch(() => undefined) };
  }, IN_COPY_DIR);
}

function freeName(path: string, isFree: IsFree = () => true): string {
  let name = path;
  for (let number = 2; !isFree(name); number++) name = `${path}-${number}`;
  return name;
}

/** The same bytes are kept once: an earlier copy of them has the name already. */
async function keep(staging: string, final: string): Promise<string> {
  return reading('keep the private copy', final, async () => {
    try {
      await rename(staging, final);
    } catch (error) {
      if ((await lstat(final).catch(() => undefined)) === undefined) throw error;
      await rm(staging, { recursive: true, force: true });
    }
    return final;
  }, IN_COPY_DIR);
}

function ownFolder(parent: string): Promise<string> {
  const known = owned.get(parent) ?? makeOwnFolder(parent);
  owned.set(parent, known);
  // One that could not be made is tried again.
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

/** Windows does not give up the file of an open library; the next process removes it. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // There is nobody left to tell, and nothing is lost.
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid, started = ''] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive({ pid: Number(pid), started })) continue;
    const path = join(parent, name);
    const stats = await lstat(path).catch(() => undefined);
    const isOurs = stats?.isDirectory() === true && (process.geteuid === undefined || stats.uid === process.geteuid());
    // Another host may be removing it as well.
    if (isOurs) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
