/** First bytes → a description of the file. The first match wins. */
const BEGINNINGS: readonly (readonly [start: string, words: string])[] = [
  ['!<arch>\n', 'a static archive'],
  ['!<thin>\n', 'a static archive'],
  ['/* GNU ld script', 'a linker script'],
  ['INPUT', 'a linker script'],
  ['GROUP', 'a linker script'],
  ['OUTPUT_FORMAT', 'a linker script'],
  ['--- !tapi-tbd', 'a text stub of a library (.tbd)'],
  ['version https://git-lfs', 'a Git LFS pointer (fetch the file itself with "git lfs pull")'],
  ['<!DOCTYPE', 'an HTML page'],
  ['<!doctype', 'an HTML page'],
  ['<html', 'an HTML page'],
  ['\0asm', 'a WebAssembly module'],
  ['BC\xc0\xde', 'LLVM bitcode'],
  ['\xca\xfe\xba\xbe', 'a Java class'],
  ['PK\x03\x04', 'a zip archive'],
  ['\x1f\x8b', 'a gzip file'],
  ['\xfd7zXZ', 'an xz file'],
  ['BZh', 'a bzip2 file'],
  ['\x28\xb5\x2f\xfd', 'a zstd file'],
  ['MZ', 'a DOS program'],
];

/** How many bytes `looksLike` needs. */
export const LOOK_SIZE = 512;

/** Describes a file that is not a library, by its first bytes. */
export function looksLike(head: Buffer): string {
  if (head.length === 0) return 'an empty file';
  const start = head.toString('latin1');
  if (start.startsWith('#!')) return /^#![^\n]*sh\b/.test(start) ? 'a shell script' : 'a script';
  const known = BEGINNINGS.find(([beginning]) => start.startsWith(beginning));
  if (known !== undefined) return known[1];
  if (head.every((byte) => byte === 0)) return 'zeros';
  return isText(head) ? 'text' : `data of an unknown format (it starts with ${head.toString('hex', 0, 4)})`;
}

function isText(head: Buffer): boolean {
  const start = head.toString('latin1', 0, 2);
  if (start === '\xff\xfe' || start === '\xfe\xff') return true; // UTF-16
  return head.every((byte) => byte >= 0x20 || (byte >= 0x08 && byte <= 0x0d) || byte === 0x1b) && !head.includes(0x7f);
}
