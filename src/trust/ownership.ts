import { realpath } from 'node:fs/promises';
import { LoadError } from '../errors/index.js';
import { isPrivateGroup } from './private-group.js';
import { isInside, reading, wayTo, type Stop } from './way.js';

const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;

/** Windows has access lists instead, which are not read. */
export const ownershipIsChecked = process.geteuid !== undefined;

/**
 * Refuses what somebody other than this user and root may replace: each of `paths`, every folder above it, every
 * link on the way. A sticky folder above a plugin may be open to all, as /tmp is: nobody can take another's things
 * out of it. One in the plugin folder may not, since a library put there is found.
 * @throws LoadError ERR_UNSAFE_PERMISSIONS, whose `path` is the first one found; ERR_IO
 */
export async function checkOwnership(paths: readonly string[], pluginFolder?: string): Promise<void> {
  const real = pluginFolder === undefined ? undefined : await reading('find the plugin folder', pluginFolder, () => realpath(pluginFolder));
  const seen = new Set<string>();
  for (const path of paths) {
    for (const stop of await reading('look at the permissions', path, () => wayTo(path))) {
      if (seen.has(stop.path)) continue;
      seen.add(stop.path);
      const inPlugin = real !== undefined && (stop.path === real || isInside(real, stop.path));
      await checkStop(stop, !inPlugin);
    }
  }
}

async function checkStop({ path, stats }: Stop, mayBeSticky: boolean): Promise<void> {
  const { mode, uid, gid } = stats;
  const self = process.geteuid?.();
  const refuse = (expected: string, found: string, fix: string): LoadError => {
    const permissions = { mode: `0${(mode & 0o7777).toString(8)}`, uid, gid };
    return new LoadError('ERR_UNSAFE_PERMISSIONS', { expected, found, ...permissions, fix }, { path });
  };
  if (uid !== self && uid !== 0) throw refuse(`user ${self ?? 0} or root as its owner`, `user ${uid}`, `chown -h ${self ?? 0} ${quoted(path)}`);
  // The mode of a link says nothing: only its owner, or the owner of its folder, can change where it leads.
  if (stats.isSymbolicLink() || (mayBeSticky && stats.isDirectory() && (mode & STICKY) !== 0)) return;
  const shown = `mode 0${(mode & 0o7777).toString(8)}`;
  if ((mode & OTHERS_WRITE) !== 0) throw refuse('no write permission for others', shown, `chmod o-w ${quoted(path)}`);
  if ((mode & GROUP_WRITES) !== 0 && !(await isPrivateGroup(gid, uid))) {
    throw refuse("no write permission for a group that is not the owner's own", `${shown}, group ${gid}`, `chmod g-w ${quoted(path)}`);
  }
}

/** For a shell. */
export const quoted = (path: string): string => (/^[\w./+@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
