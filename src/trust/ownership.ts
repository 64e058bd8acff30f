import { realpath } from 'node:fs/promises';
import { LoadError } from '../errors/index.js';
import { isPrivateGroup } from './private-group.js';
import { isInside, withIoError, walkPath, type PathComponent } from './path-safety.js';

const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;

/** Not checked on Windows, which has access control lists instead. */
export const ownershipIsChecked = process.geteuid !== undefined;

/**
 * Refuses `paths` that users other than this one and root could replace. Checks each path, every folder above it and
 * every symbolic link in it. A world-writable folder above the plugin is accepted if it is sticky, like /tmp: there, users
 * cannot replace each other's files. Inside the plugin folder it is not: others could add a library, which would be found.
 * @throws LoadError ERR_UNSAFE_PERMISSIONS, whose `path` is the first unsafe one; ERR_IO
 */
export async function checkOwnership(paths: readonly string[], pluginFolder?: string): Promise<void> {
  const real = pluginFolder === undefined ? undefined : await withIoError('find the plugin folder', pluginFolder, () => realpath(pluginFolder));
  const seen = new Set<string>();
  for (const path of paths) {
    for (const component of await withIoError('check the permissions', path, () => walkPath(path))) {
      if (seen.has(component.path)) continue;
      seen.add(component.path);
      const inPlugin = real !== undefined && (component.path === real || isInside(real, component.path));
      await checkComponent(component, !inPlugin);
    }
  }
}

async function checkComponent({ path, stats }: PathComponent, mayBeSticky: boolean): Promise<void> {
  const { mode, uid, gid } = stats;
  const self = process.geteuid?.();
  const refuse = (expected: string, found: string, fix: string): LoadError => {
    const permissions = { mode: `0${(mode & 0o7777).toString(8)}`, uid, gid };
    return new LoadError('ERR_UNSAFE_PERMISSIONS', { expected, found, ...permissions, fix }, { path });
  };
  if (uid !== self && uid !== 0) throw refuse(`user ${self ?? 0} or root as its owner`, `user ${uid}`, `chown -h ${self ?? 0} ${quoted(path)}`);
  // The mode of a symbolic link is meaningless: only its owner and the owner of its folder can replace it.
  if (stats.isSymbolicLink() || (mayBeSticky && stats.isDirectory() && (mode & STICKY) !== 0)) return;
  const shown = `mode 0${(mode & 0o7777).toString(8)}`;
  if ((mode & OTHERS_WRITE) !== 0) throw refuse('no write permission for others', shown, `chmod o-w ${quoted(path)}`);
  if ((mode & GROUP_WRITES) !== 0 && !(await isPrivateGroup(gid, uid))) {
    throw refuse("no write permission for a group that is not the owner's own", `${shown}, group ${gid}`, `chmod g-w ${quoted(path)}`);
  }
}

/** Quoted for a shell. */
export const quoted = (path: string): string => (/^[\w./+@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
