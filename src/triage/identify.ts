import type { ByteSource } from './byte-source.js';
import { MalformedFileError } from './malformed-file.js';
import type { Format } from './facts.js';
import { LOOK_SIZE, looksLike } from './looks-like.js';

const LIBRARY = 'a shared library (ELF, Mach-O or PE)';
const MACHO_MAGICS: readonly string[] = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe'];
const FAT_MAGICS: readonly string[] = ['cafebabe', 'cafebabf'];
/** Java classes have the magic number of a fat Mach-O. A class has its version, 45 or more, where a fat file has its number of architectures. */
const FIRST_JAVA_VERSION = 45;

export type Container = Format | 'fat';

/** Detects the format by its first bytes. Throws MalformedFileError, which says what the file looks like instead. */
export function identify(source: ByteSource): Container {
  const head = source.read(0, Math.min(LOOK_SIZE, source.size));
  const magic = head.toString('hex', 0, 4);
  if (magic === '7f454c46') return 'elf';
  if (MACHO_MAGICS.includes(magic)) return 'macho';
  if (FAT_MAGICS.includes(magic) && head.length >= 8 && head.readUInt32BE(4) < FIRST_JAVA_VERSION) return 'fat';
  if (magic.startsWith('4d5a') && isPe(source, head)) return 'pe';
  throw new MalformedFileError(LIBRARY, looksLike(head));
}

/** A PE file starts as a DOS program whose header points to the PE header. */
function isPe(source: ByteSource, head: Buffer): boolean {
  // Too short to tell. The PE reader will report the truncation.
  if (head.length < 0x40) return true;
  const at = head.readUInt32LE(0x3c);
  return at + 4 > source.size || source.read(at, 4).toString('latin1') === 'PE\0\0';
}
