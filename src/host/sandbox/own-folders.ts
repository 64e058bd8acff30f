import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { makeDataDir } from '../../registry/data-dir.js';
import type { Candidate } from '../../scan/index.js';
import { labelFolder } from '../../isolation/sandbox/windows/label-folder.js';
import { makePrivateFolder, removeHeld } from '../../trust/index.js';

/** The folders that a plugin may use without asking: real paths. */
export interface Folders {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Absent for a plugin of the host's process. */
  readonly temporary?: string | undefined;
}

/** @throws LoadError ERR_IO */
export const dataFolder = async ({ id }: Candidate, dataDir: string): Promise<string> => writable(await makeDataDir(dataDir, id));

/** A temporary folder for one process. @throws LoadError ERR_IO */
export const makeTemporary = async (): Promise<string> => writable(await makePrivateFolder(tmpdir(), 'temporary'));

/** The real path of a folder to which a sandboxed child can write. On Windows that takes a label. */
async function writable(folder: string): Promise<string> {
  const path = await realpath(folder);
  if (process.platform === 'win32') labelFolder(path);
  return path;
}

/** For private copies of the plugins of one process, also those that are made after its start. @throws LoadError ERR_IO */
export const makeCopyDir = async (parent: string = tmpdir()): Promise<string> => realpath(await makePrivateFolder(parent, 'copies'));

/** What cannot be removed now is removed when the host's process ends. */
export async function removeFolders(...folders: readonly (string | undefined)[]): Promise<void> {
  for (const folder of folders) if (folder !== undefined) await removeHeld(folder).catch(() => undefined);
}
