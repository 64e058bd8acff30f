import { createHash } from 'node:crypto';
import type { ByteSource } from '../byte-source.js';
import type { CodeSignature } from '../facts.js';
import { LIMITS } from '../limits.js';
import { MalformedFileError } from '../malformed-file.js';
import type { Reader } from '../reader.js';

/** The hash algorithms by their number in a code directory. The third is SHA-256, cut to 20 bytes. */
const HASHES: Readonly<Record<number, { readonly name: string; readonly size: number; readonly rank: number }>> = {
  1: { name: 'sha1', size: 20, rank: 1 },
  2: { name: 'sha256', size: 32, rank: 3 },
  3: { name: 'sha256', size: 20, rank: 2 },
  4: { name: 'sha384', size: 48, rank: 4 },
};
const HEADER_SIZE = 44;
const FIRST_VERSION_WITH_64_BITS = 0x20300;
/** Pages of 16 KiB are the largest in use. */
const MAX_PAGE_SHIFT = 16;
/** A directory without pages has one hash of everything. It is computed in pieces of this size. */
const PIECE = 1 << 20;

export const hashRank = (directory: Reader): number => HASHES[directory.fields(0, HEADER_SIZE).u8(37)]?.rank ?? 0;

type Result = Pick<CodeSignature, 'state' | 'problem'>;

const broken = (problem: string): Result => ({ state: 'broken', problem });

/** Compares the hash of each page of the code with the file. `codeEnd`: where the content that must be signed ends. */
export function compareHashes(directory: Reader, source: ByteSource, codeEnd: number): Result {
  const fields = directory.fields(0, HEADER_SIZE);
  const hash = HASHES[fields.u8(37)];
  const signedBytes = signedLength(directory);
  if (signedBytes > source.size) return broken(`it signs ${signedBytes} bytes, the file has ${source.size}`);
  if (signedBytes < codeEnd) return broken(`it signs ${signedBytes} bytes of ${codeEnd}`);
  if (hash === undefined || signedBytes > LIMITS.signedBytes) return { state: 'unchecked', problem: undefined };
  if (fields.u8(36) !== hash.size) throw new MalformedFileError(`hashes of ${hash.size} bytes in the code directory`, `hashes of ${fields.u8(36)}`);
  const shift = fields.u8(39);
  if (shift > MAX_PAGE_SHIFT) throw new MalformedFileError('a page size in the code directory', `2^${shift}`);
  const pageSize = shift === 0 ? signedBytes : 2 ** shift;
  const pages = signedBytes === 0 ? 0 : Math.ceil(signedBytes / pageSize);
  if (fields.u32(28) < pages) return broken(`it has the hashes of ${fields.u32(28)} pages of ${pages}`);
  const hashes = directory.window('the hashes of the code directory', fields.u32(16), pages * hash.size);
  for (let page = 0; page < pages; page += 1) {
    const start = page * pageSize;
    const found = hashOf(source, hash.name, start, Math.min(pageSize, signedBytes - start)).subarray(0, hash.size);
    if (!found.equals(hashes.bytes(page * hash.size, hash.size))) return broken(`the file was changed after it was signed, near byte ${start}`);
  }
  return { state: 'valid', problem: undefined };
}

/** Files over 4 GiB have the length in a second field. */
function signedLength(directory: Reader): number {
  const fields = directory.fields(0, HEADER_SIZE);
  const long = fields.u32(8) >= FIRST_VERSION_WITH_64_BITS ? directory.fields(56, 8).u64(0) : 0;
  return long > 0 ? long : fields.u32(32);
}

function hashOf(source: ByteSource, algorithm: string, start: number, length: number): Buffer {
  const hash = createHash(algorithm);
  for (let at = 0; at < length; at += PIECE) hash.update(source.read(start + at, Math.min(PIECE, length - at)));
  return hash.digest();
}
