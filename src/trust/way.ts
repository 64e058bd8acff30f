import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { LoadError, ioError, type FileUse } from '../errors/index.js';

/** One thing on the way to a file: a folder, a symbolic link, or the file. `path` holds no links but its own. */
export interface Stop {
  readonly path: string;
  readonly stats: Stats;
}

const MAX_LINKS = 40;

/** Everything that decides what is found at `path`: each folder from the root down, each link and where it leads. */
export async function wayTo(path: string): Promise<Stop[]> {
  const absolute = resolve(path);
  let { root: current } = parse(absolute);
  const names = absolute.slice(current.length).split(sep).filter(Boolean);
  const stops: Stop[] = [{ path: current, stats: await lstat(current) }];
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '.' || name === '..') {
      if (name === '..') current = dirname(current);
      continue;
    }
    const next = join(current, name);
    const stats = await lstat(next);
    stops.push({ path: next, stats });
    if (!stats.isSymbolicLink()) {
      current = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`more than ${MAX_LINKS} symbolic links on the way to ${path}`);
    const target = await readlink(next);
    if (isAbsolute(target)) current = parse(target).root;
    names.unshift(...target.slice(isAbsolute(target) ? current.length : 0).split(sep).filter(Boolean));
  }
  return stops;
}

/** True for what is below `folder`. Both without links and absolute. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Runs `act` on the file system; what the system says becomes ERR_IO of this step. `use` says more where it is not a read. */
export async function reading<T>(operation: string, path: string, act: () => Promise<T>, use?: FileUse): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw ioError(operation, cause, { path, step: 'trust' }, use);
  }
}
