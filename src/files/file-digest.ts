import { fileStamp, isSameStamp, type FileStamp } from './file-stamp.js';
import { hashFile } from './hash-file.js';
import { openRegularFile } from './open-regular-file.js';

/** A file as it was at one moment. */
export interface FileSnapshot {
  readonly path: string;
  readonly stamp: FileStamp | undefined;
  /** `undefined` if the content was not read. */
  readonly sha256?: string | undefined;
}

/** Reads the file. `sha256` is missing if it cannot be read, or if it changed while it was read. */
export async function snapshotFile(path: string): Promise<FileSnapshot> {
  const stamp = fileStamp(path);
  const sha256 = await digestOf(path).catch(() => undefined);
  return { path, stamp, sha256: isSameStamp(stamp, fileStamp(path)) ? sha256 : undefined };
}

async function digestOf(path: string): Promise<string> {
  const { handle } = await openRegularFile(path);
  try {
    return await hashFile(handle);
  } finally {
    await handle.close();
  }
}
