import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { openRegularFile, type OpenFileOptions } from './open-regular-file.js';

/** The file has more than `maxBytes`. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`it has more than ${maxBytes} bytes`);
  }
}

/**
 * Reads a regular file of at most `maxBytes`. Stops one byte past the limit, so it returns even for a file that keeps
 * growing or whose reported size is wrong.
 * @throws FileTooLargeError, NotRegularFileError, or the system's error
 */
export async function readBounded(path: string, maxBytes: number, options: OpenFileOptions = {}): Promise<Buffer> {
  const { handle, stats } = await openRegularFile(path, options);
  try {
    return await readAll(handle, stats.size, maxBytes);
  } finally {
    await handle.close();
  }
}

/** The same for an open file, from its current position. A good `expectedBytes` saves copies. */
export async function readAll(handle: FileHandle, expectedBytes: number, maxBytes: number): Promise<Buffer> {
  let buffer = Buffer.allocUnsafe(Math.min(expectedBytes, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) throw new FileTooLargeError(maxBytes);
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length, maxBytes + 1));
  }
}
