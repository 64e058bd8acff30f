import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Windows does not define these flags. */
const flag = (value: number | undefined): number => value ?? 0;

/** O_NONBLOCK: opening a named pipe would wait for a writer. O_NOCTTY: the path may be a terminal. */
export const READ_FLAGS = constants.O_RDONLY | flag(constants.O_NONBLOCK) | flag(constants.O_NOCTTY);

export interface OpenedFile {
  readonly handle: FileHandle;
  /** Of the open file. The path may name another file by now. */
  readonly stats: Stats;
}

export interface OpenFileOptions {
  /** `false`: a symbolic link as the last component is an error (ELOOP). Windows ignores this and follows the link. */
  readonly followLink?: boolean;
}

/** The path names something other than a regular file. `found` is what it is: `a directory`, `a named pipe`, … */
export class NotRegularFileError extends Error {
  override readonly name = 'NotRegularFileError';

  constructor(readonly found: string) {
    super(`it is ${found}, not a regular file`);
  }
}

/**
 * Opens an untrusted file for reading. The caller closes the handle.
 * @throws NotRegularFileError, or the system's error
 */
export async function openRegularFile(path: string, { followLink = true }: OpenFileOptions = {}): Promise<OpenedFile> {
  const handle = await open(path, followLink ? READ_FLAGS : READ_FLAGS | flag(constants.O_NOFOLLOW));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new NotRegularFileError(kindOf(stats));
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}
