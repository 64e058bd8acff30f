import { Buffer } from 'node:buffer';
import { Format } from '../../../../abi/constants.js';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { bind, type Address } from '../../../../library/index.js';
import { copyOf } from '../../../../library/payload.js';
import { onWorker } from './on-worker.js';

const { members } = LAYOUTS.aisopod_reply;

/** A reply as the plugin left it. */
export interface Reply {
  readonly format: number;
  readonly bytes: Buffer;
  readonly isOwned: boolean;
  /** What breaks the contract (rules 5 and 6). */
  readonly problem: string | undefined;
  /** Whether memory of the plugin still contains the answer. */
  isUnchanged(): boolean;
  /** Gives the memory back, if it is the plugin's. */
  release(onMain?: boolean): Promise<void>;
}

const MAX_OWNED = 256 << 20;
const LENT = { isUnchanged: () => true, release: () => Promise.resolve() };

/** `words` is the struct, `lent` the buffer that was lent. */
export function readReply(words: Buffer, lent: () => Buffer, capacity: number): Reply {
  const word = (member: keyof typeof members): bigint => words.readBigUInt64LE(members[member].offset);
  const format = words.readUInt32LE(members.format.offset);
  const [length, owned, release] = [word('length'), word('owned'), word('release')];
  const bad = (problem: string): Reply => ({ format, bytes: Buffer.alloc(0), isOwned: false, problem, ...LENT });
  if (owned === 0n) {
    if (release !== 0n && length > 0n) return bad(`release is set and length is ${length}, but owned is NULL`);
    if (length > BigInt(capacity)) return bad(`length is ${length}, but the buffer has ${capacity} bytes`);
    return { format, bytes: lent().subarray(0, Number(length)), isOwned: false, problem: formatProblem(format), ...LENT };
  }
  if (release === 0n) return bad('owned is set, but release is NULL');
  if (length > BigInt(MAX_OWNED)) return bad(`length is ${length}`);
  const run = bind('release', Number(release) as Address);
  const [at, argument] = [Number(owned) as Address, word('release_argument')];
  const bytes = copyOf(at, Number(length));
  return {
    format,
    bytes,
    isOwned: true,
    problem: formatProblem(format),
    isUnchanged: () => copyOf(at, bytes.length).equals(bytes),
    release: async (onMain) => {
      if (onMain === true) run(argument, at);
      else await onWorker<undefined>((done) => run.async(argument, at, done));
    },
  };
}

const formatProblem = (format: number): string | undefined => (format === Format.JSON || format === Format.BYTES ? undefined : `format is ${format}`);
