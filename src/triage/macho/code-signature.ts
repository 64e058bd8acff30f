import type { CodeSignature } from '../facts.js';
import { LIMITS } from '../limits.js';
import { MalformedFileError } from '../malformed-file.js';
import { Reader } from '../reader.js';
import { compareHashes, hashRank } from './code-directory.js';
import { type LoadCommand, LC } from './commands.js';
import { fileEnd, type MachoSegment } from './segments.js';

const MAGIC = { SUPER_BLOB: 0xfade0cc0, CODE_DIRECTORY: 0xfade0c02 } as const;
/** Slots of the signature that hold a code directory: the first, and alternatives with other hash algorithms. */
const isDirectorySlot = (type: number): boolean => type === 0 || (type >= 0x1000 && type < 0x1006);
/** Real signatures have fewer than ten. */
const MAX_SLOTS = 64;

/**
 * Compares the code signature with the file, as the kernel does when it loads pages. It does not check who signed the file. A
 * damaged signature is a fact about the library, so it is never a MalformedFileError.
 */
export function readCodeSignature(reader: Reader, commands: readonly LoadCommand[], segments: readonly MachoSegment[]): CodeSignature {
  const command = commands.find(({ type }) => type === LC.CODE_SIGNATURE);
  if (command === undefined) return { state: 'missing', problem: undefined, teamId: undefined };
  try {
    const fields = command.body.fields(0, 16);
    // Always big-endian.
    const whole = new Reader(reader.source, { littleEndian: false, bits: 64 });
    const signature = whole.window('the code signature', fields.u32(8), fields.u32(12));
    const directory = bestDirectory(signature);
    const code = segments.filter(({ offset, fileSize }) => offset + fileSize <= fields.u32(8));
    return { ...compareHashes(directory, reader.source, fileEnd(code)), teamId: teamIdOf(directory) };
  } catch (error) {
    if (!(error instanceof MalformedFileError)) throw error;
    return { state: 'broken', problem: error.message, teamId: undefined };
  }
}

/** The code directory with the strongest hash algorithm, which is the one that the kernel uses. */
function bestDirectory(signature: Reader): Reader {
  const head = signature.fields(0, 12);
  if (head.u32(0) !== MAGIC.SUPER_BLOB) throw new MalformedFileError('a code signature', 'other data');
  const count = head.u32(8);
  if (count > MAX_SLOTS) throw new MalformedFileError(`a code signature of at most ${MAX_SLOTS} parts`, `one of ${count}`);
  const index = signature.window('the parts of the code signature', 12, count * 8);
  const slots = Array.from({ length: count }, (_, slot) => index.fields(slot * 8, 8)).filter((slot) => isDirectorySlot(slot.u32(0)));
  const directories = slots.map((slot) => directoryAt(signature, slot.u32(4)));
  const [best] = directories.toSorted((a, b) => hashRank(b) - hashRank(a));
  if (best === undefined) throw new MalformedFileError('a code signature with a code directory', 'one without');
  return best;
}

function directoryAt(signature: Reader, offset: number): Reader {
  const head = signature.fields(offset, 8);
  if (head.u32(0) !== MAGIC.CODE_DIRECTORY) throw new MalformedFileError('a code directory', 'other data');
  return signature.window('the code directory', offset, head.u32(4));
}

const FIRST_VERSION_WITH_TEAM = 0x20200;

function teamIdOf(directory: Reader): string | undefined {
  if (directory.fields(0, 12).u32(8) < FIRST_VERSION_WITH_TEAM) return undefined;
  const offset = directory.fields(48, 4).u32(0);
  return offset === 0 ? undefined : directory.cstring(offset, LIMITS.shortName);
}
