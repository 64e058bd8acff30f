import { statSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, parse, resolve, sep } from 'node:path';
import { LoadError, type ErrorContext } from '../errors/index.js';
import { optionError } from './option-error.js';
import { requireText } from './require-text.js';

export const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && !value.startsWith('file:');

/** A path that cannot be made absolute; the message says what is expected instead. */
export class UnresolvablePathError extends Error {}

/**
 * This user's home folder: HOME (on Windows USERPROFILE), or else the one in the system's user database. An empty or
 * relative HOME is ignored: joined with a name it would be a path in the current folder, which may be untrusted.
 * `undefined` if there is none.
 */
export function homeFolder(): string | undefined {
  return [homedir, () => userInfo().homedir].map(orNothing).find((path) => path !== undefined && isAbsolute(path));
}

/** Both throw for a user without an entry in the user database. */
function orNothing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** `~` and `~/x` (on Windows also `~\\x`) as a path below `home`; every other path, `~user` included, is unchanged. @throws UnresolvablePathError without a home */
export function expandHome(path: string, home: string | undefined = homeFolder()): string {
  requireText('path', path);
  if (path !== '~' && !path.startsWith('~/') && !path.startsWith(`~${sep}`)) return path;
  if (home === undefined || !isAbsolute(home)) throw new UnresolvablePathError(`a path without ~, since ${NO_HOME}`);
  return join(home, path.slice(1));
}

/** Where temporary files go. A relative TMPDIR is ignored, as a relative HOME is. */
export function temporaryFolder(): string {
  const folder = tmpdir();
  if (isAbsolute(folder)) return folder;
  return process.platform === 'win32' ? join(parse(process.execPath).root, 'Windows', 'Temp') : '/tmp';
}

/** `undefined` if it no longer exists. Node caches the path, which may now name nothing or another folder. */
export function currentFolder(): string | undefined {
  try {
    const path = process.cwd();
    const [current, found] = [statSync('.', { bigint: true }), statSync(path, { bigint: true })];
    return current.dev === found.dev && current.ino === found.ino ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The folder to start a program in: the current one or, if that no longer exists, the root, which always exists and contains
 * no files of other users. (Node may fail to start in a folder that no longer exists.)
 */
export const startFolder = (): string => currentFolder() ?? parse(process.execPath).root;

/** Makes a path absolute: expands `~`, resolves a relative path against the current folder. @throws UnresolvablePathError */
export function absolutePath(path: string): string {
  const expanded = expandHome(path);
  if (isAbsolute(expanded)) return resolve(expanded);
  const current = currentFolder();
  if (current === undefined) throw new UnresolvablePathError(`an absolute path, since ${NO_CURRENT}`);
  return resolve(current, expanded);
}

/** The same for an option that no schema checks. @throws LoadError ERR_OPTIONS */
export function pathOption(option: string, path: string, where?: ErrorContext): string {
  try {
    return absolutePath(path);
  } catch (error) {
    if (error instanceof UnresolvablePathError) throw optionError(option, error.message, path, where);
    throw error;
  }
}

/** The default of a folder option: a path in the home folder. @throws LoadError ERR_OPTIONS without a home */
export function inHome(option: string, ...names: readonly string[]): string {
  const home = homeFolder();
  if (home !== undefined) return join(home, ...names);
  throw new LoadError('ERR_OPTIONS', { option, expected: `a folder, since ${NO_HOME}`, found: 'undefined' });
}

export const NO_CURRENT = 'the current folder no longer exists';
const NO_HOME = 'this user has no home folder (HOME is not an absolute path, and the user database has no entry)';
