import { Buffer, isUtf8 } from 'node:buffer';
import { ioError, type ManifestProblem } from '../errors/index.js';
import { FileTooLargeError, readBounded } from '../files/index.js';
import type { Manifest } from './manifest.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import { MAX_MANIFEST_BYTES, hostVersionOption, manifestError, parseManifest, tooLarge } from './parse-manifest.js';
import { positionIn } from './positions.js';

export const MANIFEST_FILENAME = 'aisopod.plugin.toml';

export interface ReadManifestOptions {
  /** As for `parseManifest`. */
  readonly hostVersion?: string;
}

const readManifestOptions = group<ReadManifestOptions>({ hostVersion: hostVersionOption });

/**
 * Reads the manifest in the file at `path`. Reads at most 64 KiB and never blocks on a pipe or a device.
 *
 * @throws {LoadError} ERR_IO if no regular file can be read (the system's error is the `cause`); ERR_MANIFEST if the
 * file is not UTF-8; otherwise as `parseManifest`
 */
export async function readManifest(path: string, options: ReadManifestOptions = {}): Promise<Manifest> {
  const { hostVersion } = readOptions(readManifestOptions, options);
  return manifestIn(await readBytes(path), path, hostVersion);
}

/** The manifest in the `bytes` of the file at `path`. @throws {LoadError} as `readManifest` */
export function manifestIn(bytes: Uint8Array, path: string, hostVersion: string | undefined): Manifest {
  if (!isUtf8(bytes)) throw manifestError([encodingProblem(bytes)], { path });
  const { buffer, byteOffset, byteLength } = bytes;
  return parseManifest(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'), { ...(hostVersion !== undefined && { hostVersion }), path });
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readBounded(path, MAX_MANIFEST_BYTES);
  } catch (cause) {
    if (cause instanceof FileTooLargeError) throw manifestError([tooLarge('a larger file')], { path });
    throw ioError('read the manifest', cause, { path, step: 'manifest' });
  }
}

function encodingProblem(given: Uint8Array): ManifestProblem {
  const bytes = Buffer.from(given);
  // Decoding replaces the first bad byte, so the bytes differ there from their round trip.
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
