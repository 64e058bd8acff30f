import { constants, open } from 'node:fs/promises';

const optional = (flag: number | undefined): number => flag ?? 0;

/** Windows has neither of the two: no link at the end, and no waiting for somebody to write into a named pipe. */
const FLAGS = constants.O_RDONLY | optional(constants.O_NOFOLLOW) | optional(constants.O_NONBLOCK);

/** The text of a file that this user alone can read and write, of at most `maxBytes`. Throws for any other. */
export async function readOwn(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, FLAGS);
  try {
    const stats = await file.stat();
    const isOwn = process.geteuid === undefined || (stats.uid === process.geteuid() && (stats.mode & 0o077) === 0);
    if (!stats.isFile() || !isOwn || stats.size > maxBytes) throw new Error(`no file of this user alone, or over ${maxBytes} bytes`);
    // No further than its size was: a file that keeps growing would never end.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
