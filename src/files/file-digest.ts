import { createHash } from 'node:crypto';
import { fileStamp, isSameStamp, type FileStamp } from './file-stamp.js';
import { openRegularFile } from './open-regular-file.js';

/** A file as it was at one moment. */
export interface SeenFile {
  readonly path: string;
  readonly stamp: FileStamp | undefined;
  /** Of its bytes; `undefined` if they were not read. */
  readonly sha256?: string | undefined;
}

const CHUNK = 1024 * 1024;

/** Reads the file. Without `sha256` if it cannot be read, or if it changed meanwhile. */
export async function seeFile(path: string): Promise<SeenFile> {
  const stamp = fileStamp(path);
  const sha256 = await digestOf(path).catch(() => undefined);
  return { path, stamp, sha256: isSameStamp(stamp, fileStamp(path)) ? sha256 : undefined };
}

async function digestOf(path: string): Promise<string> {
  const { handle } = await openRegularFile(path);
  try {
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK, autoClose: false })) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
