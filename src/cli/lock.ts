import { dirname, join, resolve } from 'node:path';
import { LoadError, systemCode } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { LOCK_FILENAME, lockPlugins, readLock, writeLock, type Lock } from '../trust/index.js';
import { Exit, MANY, SCAN_HELP, SCAN_OPTIONS, flag, text, type Arguments, type CliCommand } from './command.js';
import { printNoPlugins, printRefused, refusal, selection, type Refused } from './selection.js';
import { printTable } from './table.js';
import { printJson } from './terminal.js';

export const LOCK_FILE_OPTION = { 'lock-file': { type: 'string' } } as const;
export const LOCK_FILE_HELP = ['--lock-file FILE', `one lock file for all plugins (default: ${LOCK_FILENAME} beside each plugin folder)`] as const;

export const lock: CliCommand = {
  name: 'lock',
  operands: '[<folder or id> …]',
  summary: 'record the SHA-256 of every file of these plugins (default: all); keeps other entries of the lock file',
  options: { ...SCAN_OPTIONS, ...LOCK_FILE_OPTION },
  optionHelp: [LOCK_FILE_HELP, ...SCAN_HELP],
  examples: ['aisopod-plugin lock', 'aisopod-plugin lock weather --lock-file ./aisopod-plugins.lock'],
  arity: MANY,
  async run(args, terminal) {
    const { candidates, refused } = await selection(args);
    const result: Result = { locked: [], refused: [...refused] };
    for (const [lockFile, group] of byLockFile(candidates, args)) await lockGroup(lockFile, group, result);
    if (flag(args, 'json')) printJson(terminal, result);
    else if (candidates.length === 0 && refused.length === 0) printNoPlugins(terminal, args);
    else {
      if (result.locked.length > 0) printTable(terminal, ['id', 'version', 'lock file'], result.locked.map(({ id, version, lockFile }) => [id, version, lockFile]));
      printRefused(terminal, result.refused);
    }
    return result.refused.length === 0 ? Exit.DONE : Exit.REFUSED;
  },
};

interface Result {
  readonly locked: { readonly id: string; readonly version: string; readonly path: string; readonly lockFile: string }[];
  readonly refused: Refused[];
}

/** Locks these plugins in one file. A plugin that cannot be locked keeps its old entry. */
async function lockGroup(lockFile: string, group: readonly Candidate[], { locked, refused }: Result): Promise<void> {
  let next: Lock;
  try {
    next = await lockAt(lockFile);
  } catch (error) {
    refused.push(...group.map(({ id, path }) => refusal(error, id, path))); // the other lock files are written
    return;
  }
  const done = [];
  for (const candidate of group) {
    const { id, path, manifest } = candidate;
    try {
      next = await lockPlugins([candidate], { previous: next });
      done.push({ id, version: manifest.plugin.version, path, lockFile });
    } catch (error) {
      refused.push(refusal(error, id, path));
    }
  }
  if (done.length > 0) await writeLock(lockFile, next);
  locked.push(...done);
}

/** The lock file for a plugin. */
export const lockFileOf = ({ path }: Candidate, args: Arguments): string =>
  resolve(text(args, 'lock-file') ?? join(dirname(path), LOCK_FILENAME));

function byLockFile(candidates: readonly Candidate[], args: Arguments): Map<string, Candidate[]> {
  const files = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const file = lockFileOf(candidate, args);
    files.set(file, [...(files.get(file) ?? []), candidate]);
  }
  return files;
}

/** Reads a lock file; an empty lock if it does not exist. @throws LoadError ERR_IO, ERR_LOCK_FILE */
export async function lockAt(path: string): Promise<Lock> {
  try {
    return await readLock(path);
  } catch (error) {
    if (error instanceof LoadError && systemCode(error.cause) === 'ENOENT') return { lockVersion: 1, plugins: [] };
    throw error;
  }
}
