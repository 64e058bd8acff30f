import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';
import { DT, type Dynamic } from './dynamic.js';
import type { Segments } from './segments.js';

const EM_S390 = 22;

/** The number of dynamic symbols, derived from the hash tables. Above LIMITS.symbols the number is not exact. */
export function symbolCount(dynamic: Dynamic, segments: Segments, machine: number, bits: 32 | 64): number {
  const sysv = dynamic.value(DT.HASH);
  if (sysv !== undefined) {
    // Only 64-bit s390 uses 64-bit words in this table.
    const word = machine === EM_S390 && bits === 64 ? 8 : 4;
    const head = segments.window('the hash table', sysv, 2 * word).fields(0, 2 * word);
    return word === 8 ? head.u64(8) : head.u32(4);
  }
  const gnu = dynamic.value(DT.GNU_HASH);
  return gnu === undefined ? 0 : countByGnuHash(segments.window('the GNU hash table', gnu), bits / 8);
}

/** The highest bucket starts the last chain. The last symbol is the one that ends this chain (its lowest bit is set). */
function countByGnuHash(table: Reader, word: number): number {
  const head = table.fields(0, 16);
  const buckets = head.u32(0);
  const firstSymbol = head.u32(4);
  const bloomWords = head.u32(8);
  if (buckets > LIMITS.symbols) throw new MalformedFileError(`a hash table of at most ${LIMITS.symbols} buckets`, `${buckets}`);

  const bucketsAt = 16 + bloomWords * word;
  const bucketTable = table.window('the hash buckets', bucketsAt, buckets * 4);
  let last = 0;
  for (let index = 0; index < buckets; index += 1) last = Math.max(last, bucketTable.u32(index * 4));
  if (last === 0) return firstSymbol;
  if (last < firstSymbol) throw new MalformedFileError(`hashed symbols from number ${firstSymbol}`, `number ${last}`);

  const chainsAt = bucketsAt + buckets * 4;
  while (last <= LIMITS.symbols && (table.u32(chainsAt + (last - firstSymbol) * 4) & 1) === 0) last += 1;
  return last + 1;
}
