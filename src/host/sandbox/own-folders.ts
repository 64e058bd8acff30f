import { realpath } from 'node:fs/promises';
import { makeDataDir } from '../../registry/data-dir.js';
import type { Candidate } from '../../scan/index.js';
import { labelFolder } from '../../isolation/sandbox/windows/label-folder.js';
import { makePrivateFolder, removeHeld } from '../../trust/index.js';
import { temporaryFolder } from '../../options/folders.js';

/** The folders that a plugin may use without asking: real paths. */
export interface Folders {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Absent for a plugin of the host's process. */
  readonly temporary?: string | undefined;
}

/** For a child that the system restricts if `isEnforced`. @throws LoadError ERR_IO */
export const dataFolder = async ({ id }: Candidate, dataDir: string, isEnforced: boolean): Promise<string> => writable(await makeDataDir(dataDir, id), isEnforced);

/** A temporary folder for one process. `undefined` where this user may make none: most plugins need none. */
export const makeTemporary = (isEnforced: boolean): Promise<string | undefined> => orNothing(async () => writable(await makePrivateFolder(temporaryFolder(), 'temporary'), isEnforced));

/** The real path of a folder to which the child can write. In the sandbox of Windows that takes a label. */
async function writable(folder: string, isEnforced: boolean): Promise<string> {
  const path = await realpath(folder);
  if (isEnforced && process.platform === 'win32') labelFolder(path);
  return path;
}

/** For private copies of the plugins of one process, also those that are made after its start. The same holds: most plugins are not copied. */
export const makeCopyDir = (parent: string = temporaryFolder()): Promise<string | undefined> => orNothing(async () => realpath(await makePrivateFolder(parent, 'copies')));

async function orNothing(make: () => Promise<string>): Promise<string | undefined> {
  try {
    return await make();
  } catch {
    return undefined;
  }
}

/** What cannot be removed now is removed when the host's process ends. */
export async function removeFolders(...folders: readonly (string | undefined)[]): Promise<void> {
  for (const folder of folders) if (folder !== undefined) await removeHeld(folder).catch(() => undefined);
}
