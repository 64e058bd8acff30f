import type { ByteSource } from './byte-source.js';
import { Damage } from './damage.js';
import type { Format } from './facts.js';
import { LOOK_SIZE, looksLike } from './looks-like.js';

const LIBRARY = 'a shared library (ELF, Mach-O or PE)';
const MACHO_MAGICS: readonly string[] = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe'];
const FAT_MAGICS: readonly string[] = ['cafebabe', 'cafebabf'];
/** A Java class starts like a fat Mach-O; where that counts its architectures, this has a version of 45 or more. */
const FIRST_JAVA_VERSION = 45;

export type Container = Format | 'fat';

/** The format, by the first bytes. Throws Damage that says what the file looks like instead. */
export function identify(source: ByteSource): Container {
  const head = source.read(0, Math.min(LOOK_SIZE, source.size));
  const magic = head.toString('hex', 0, 4);
  if (magic === '7f454c46') return 'elf';
  if (MACHO_MAGICS.includes(magic)) return 'macho';
  if (FAT_MAGICS.includes(magic) && head.length >= 8 && head.readUInt32BE(4) < FIRST_JAVA_VERSION) return 'fat';
  if (magic.startsWith('4d5a') && isPe(source, head)) return 'pe';
  throw new Damage(LIBRARY, looksLike(head));
}

/** A Windows file is a DOS program whose header says where the real one is. */
function isPe(source: ByteSource, head: Buffer): boolean {
  // Too short to tell: leave it to the reader, which says where it is cut off.
  if (head.length < 0x40) return true;
  const at = head.readUInt32LE(0x3c);
  return at + 4 > source.size || source.read(at, 4).toString('latin1') === 'PE\0\0';
}
