import { isUtf8 } from 'node:buffer';
import { constants, open, type FileHandle } from 'node:fs/promises';
import { LoadError, messageOf, type ManifestProblem } from '../errors/index.js';
import type { Manifest } from './manifest.js';
import { MAX_MANIFEST_BYTES, manifestError, parseManifest, tooLarge } from './parse-manifest.js';
import { positionIn } from './positions.js';

export const MANIFEST_FILENAME = 'aisopod.plugin.toml';

export interface ReadManifestOptions {
  /** As for `parseManifest`. */
  readonly hostVersion?: string;
}

/**
 * The manifest in the file at `path`. Reads at most 64 KiB and never waits on a pipe or a device.
 *
 * @throws {LoadError} ERR_IO where there is no regular file to read (the system's error is the `cause`);
 * otherwise as `parseManifest`, which also refuses what is not UTF-8.
 */
export async function readManifest(path: string, options: ReadManifestOptions = {}): Promise<Manifest> {
  const bytes = await readBytes(path);
  if (bytes.length > MAX_MANIFEST_BYTES) throw manifestError([tooLarge('a larger file')], { path });
  if (!isUtf8(bytes)) throw manifestError([encodingProblem(bytes)], { path });
  return parseManifest(bytes.toString('utf8'), { ...options, path });
}

async function readBytes(path: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // O_NONBLOCK: opening a FIFO would otherwise wait for a writer. Windows has neither.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder, not a file' : 'it is not a regular file');
    return await readUpTo(file, MAX_MANIFEST_BYTES + 1);
  } catch (cause) {
    throw new LoadError('ERR_IO', { operation: 'read the manifest', reason: messageOf(cause) }, { path, step: 'manifest', cause });
  } finally {
    await file?.close();
  }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Buffer> {
  const buffer = Buffer.alloc(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function encodingProblem(bytes: Buffer): ManifestProblem {
  // Decoding replaces the first bad byte, so that is where the bytes and their round trip part.
  const roundTrip = Buffer.from(bytes.toString('utf8'));
  const offset = bytes.findIndex((byte, index) => byte !== roundTrip[index]);
  const before = bytes.subarray(0, offset).toString('utf8');
  return {
    key: '',
    ...positionIn(before, before.length),
    message: 'not a text file',
    expected: 'UTF-8',
    found: `the byte 0x${(bytes[offset] ?? 0).toString(16).padStart(2, '0')}`,
  };
}
