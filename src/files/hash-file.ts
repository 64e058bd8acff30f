import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const CHUNK = 1024 * 1024;

/**
 * The SHA-256 of the first `maxBytes` of an open file, in hexadecimal. Does not use a stream: Node's streams fail if
 * `Object.prototype` has an enumerable read-only member.
 */
export async function hashFile(handle: FileHandle, maxBytes = Infinity): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let left = maxBytes; left > 0; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(left, CHUNK), null);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return hash.digest('hex');
}
