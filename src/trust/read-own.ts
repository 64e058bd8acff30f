import { FileTooLargeError, openRegularFile, readAll } from '../files/index.js';

/**
 * Reads a text file that only this user can read and write. Refuses symbolic links and files over `maxBytes`.
 * @throws Error for any other file, or the system's error
 */
export async function readOwn(path: string, maxBytes: number): Promise<string> {
  const { handle, stats } = await openRegularFile(path, { followLink: false });
  try {
    const isOwn = process.geteuid === undefined || (stats.uid === process.geteuid() && (stats.mode & 0o077) === 0);
    if (!isOwn) throw new Error('other users can read or write it');
    if (stats.size > maxBytes) throw new FileTooLargeError(maxBytes);
    return (await readAll(handle, stats.size, maxBytes)).toString('utf8');
  } finally {
    await handle.close();
  }
}
