import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, systemCode } from '../../errors/index.js';
import { isWithin } from './covers.js';
import { walkPath, type PathComponent } from '../../trust/path-safety.js';

/** A path without links, or why it is not granted as it is written. */
export interface RealPath {
  readonly path: string;
  readonly problem?: string;
  /** The problem is a link: the host may still grant the real path. */
  readonly isLink?: true;
}

/** Folders whose links belong to the system: `/bin`, `/usr/bin/python3`, `/tmp` on macOS. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc/alternatives', '/nix/store', '/run/current-system'];

/** No plugin can have made this link, unless it may write to the folders of the system. */
function isSystemLink({ path, stats }: PathComponent): boolean {
  const folder = dirname(path);
  return stats.uid === 0 && (folder === '/' || SYSTEM_FOLDERS.some((system) => isWithin(system, folder)));
}

/**
 * The real path of an absolute path. A link on the way is a problem: a plugin that may write to a folder could put a link there and
 * ask for it, to get what the link leads to.
 */
export async function realPathOf(path: string): Promise<RealPath> {
  try {
    const components = await walkPath(path);
    const real = await realpath(path);
    const link = components.find((component) => component.stats.isSymbolicLink() && !isSystemLink(component));
    if (link === undefined) return { path: real };
    return { path: real, problem: `it passes through the link ${link.path}; its real path is ${real}`, isLink: true };
  } catch (error) {
    const problem = systemCode(error) === 'ENOENT' ? 'there is no such file or folder' : `it cannot be looked up: ${messageOf(error)}`;
    return { path: resolve(path), problem };
  }
}

/** The real path that `path` has, or will have when it exists. */
export async function futureRealPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await futureRealPath(folder), path.slice(folder.length));
  }
}
