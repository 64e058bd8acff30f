import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { LoadError, ioError, type FileUse } from '../errors/index.js';

/** A folder, symbolic link or file that a path passes through. All parents in `path` are real folders. */
export interface PathComponent {
  readonly path: string;
  readonly stats: Stats;
}

const MAX_LINKS = 40;

/** Everything that decides which file `path` refers to: each folder from the root down, and each link and its target. */
export async function walkPath(path: string): Promise<PathComponent[]> {
  const absolute = resolve(path);
  let { root: current } = parse(absolute);
  const names = absolute.slice(current.length).split(sep).filter(Boolean);
  const components: PathComponent[] = [{ path: current, stats: await lstat(current) }];
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '.' || name === '..') {
      if (name === '..') current = dirname(current);
      continue;
    }
    const next = join(current, name);
    const stats = await lstat(next);
    components.push({ path: next, stats });
    if (!stats.isSymbolicLink()) {
      current = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`more than ${MAX_LINKS} symbolic links in ${path}`);
    const target = await readlink(next);
    if (isAbsolute(target)) current = parse(target).root;
    names.unshift(...target.slice(isAbsolute(target) ? current.length : 0).split(sep).filter(Boolean));
  }
  return components;
}

/** True if `path` is below `folder`. Both must be absolute and free of links. */
export function isInside(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest !== '' && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest);
}

/** Turns the system's errors in `act` into ERR_IO with the step `trust`. `use` describes access other than reading. */
export async function withIoError<T>(operation: string, path: string, act: () => Promise<T>, use?: FileUse): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw ioError(operation, cause, { path, step: 'trust' }, use);
  }
}
