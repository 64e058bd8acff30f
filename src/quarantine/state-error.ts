import { statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { LoadError, ioAdvice, messageOf, systemCode } from '../errors/index.js';
import { homeFolder } from '../options/folders.js';
import { quoted } from '../trust/ownership.js';
import { isInside } from '../trust/path-safety.js';

/**
 * The error for a failed read or write of `folder` in the state folder. A single run of the host with sudo makes root its
 * owner, and then every other host refuses every plugin. So the hint names the owner and the command that fixes it.
 */
export function stateError(operation: string, folder: string, cause: unknown): LoadError<'ERR_STATE_FOLDER'> {
  const fields = { operation, reason: messageOf(cause), fix: fixFor(folder, systemCode(cause)) };
  return new LoadError('ERR_STATE_FOLDER', fields, { path: folder, cause });
}

/** @throws LoadError ERR_STATE_FOLDER */
export async function inState<T>(operation: string, folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw stateError(operation, folder, cause);
  }
}

/** Error codes that can be fixed by changing the folder itself. */
const FIXABLE = ['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST'];

function fixFor(folder: string, code: string | undefined): string {
  const stateDir = dirname(folder);
  const there = [stateDir, folder].map(statusOf).filter((status) => status !== undefined);
  const user = process.geteuid?.();
  const foreign = ({ stats }: PathStatus): boolean => user !== undefined && stats.uid !== user;
  const culprit = there.find(({ stats }) => !stats.isDirectory()) ?? there.find(foreign) ?? there.at(-1) ?? nearestAbove(stateDir);
  const unknown = ioAdvice(code, { writes: true }).replace(/\.$/, '');
  if (culprit === undefined || !FIXABLE.includes(code ?? '')) return unknown;
  const { path, stats } = culprit;
  if (!stats.isDirectory()) return `${path} is not a folder: move it`;
  if (user === undefined) return unknown; // Windows has no owners and modes
  if (!foreign(culprit)) return `Run: chmod -R u+rwX ${quoted(path)}`;
  // Do not suggest changing a parent folder such as / or another user's home.
  const home = homeFolder();
  const isOurs = there.length > 0 || (home !== undefined && isInside(home, path));
  const owner = `${path} belongs to user ${stats.uid}${stats.uid === 0 ? ' (was a host run with sudo?)' : ''}, and this is user ${user}`;
  return isOurs ? `${owner}. Run: sudo chown -R ${user} ${quoted(path)}` : `${owner}: run the host as that user`;
}

interface PathStatus {
  readonly path: string;
  readonly stats: Stats;
}

function statusOf(path: string): PathStatus | undefined {
  try {
    return { path, stats: statSync(path) };
  } catch {
    return undefined;
  }
}

/** The nearest parent folder whose status can be read. */
function nearestAbove(path: string): PathStatus | undefined {
  const parent = dirname(path);
  return statusOf(parent) ?? (parent === path ? undefined : nearestAbove(parent));
}
