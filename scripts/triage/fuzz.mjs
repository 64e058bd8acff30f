/**
 * Reads randomly changed libraries for a given time. Each must be read or refused: without any other error, without reads
 * outside the file, and with time and memory in proportion to its size.
 * Prints the seed; the same seed makes the same changes.
 *
 *   node scripts/triage/fuzz.mjs [seconds] [seed] [library …]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from './compile.mjs';

const [seconds = '60', seed = `${Date.now() % 2 ** 31}`, ...libraries] = process.argv.slice(2);
const load = compile(['src/triage/read-library.ts', 'test/triage/samples.ts']);
const { readLibrary } = await load('src/triage/read-library.ts');
const { MalformedFileError } = await load('src/triage/malformed-file.ts');
const { bufferSource } = await load('src/triage/byte-source.ts');
const { SAMPLES } = await load('test/triage/samples.ts');

/** A seeded generator (mulberry32) of integers of at least 0 and below `limit`. */
let state = Number(seed);
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}

const SPECIAL = [0, 1, 2, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff];
const CHANGES = [
  (bytes, at) => bytes.writeUInt8(random(256), at),
  (bytes, at) => bytes.writeUInt8(bytes[at] ^ (1 << random(8)), at),
  (bytes, at) => bytes.writeUInt32LE(SPECIAL[random(SPECIAL.length)], at),
  (bytes, at) => bytes.writeUInt32LE(random(bytes.length), at),
  (bytes, at) => bytes.writeUInt32LE((bytes.readUInt32LE(at) + random(65) - 32) >>> 0, at),
  (bytes, at) => bytes.copy(bytes, at, random(bytes.length), Math.min(bytes.length, at + random(64))),
  (bytes, at) => bytes.fill(random(2) * 255, at, Math.min(bytes.length, at + random(32))),
];

function mutate(original) {
  const bytes = Buffer.from(original);
  // In large libraries most tables are in the first part.
  const reach = random(2) === 0 ? bytes.length : Math.min(bytes.length, 4096);
  for (let left = 1 + random(8); left > 0; left -= 1) CHANGES[random(CHANGES.length)](bytes, random(reach - 4));
  return random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

function strictSource(bytes) {
  const { size, read } = bufferSource(bytes);
  return {
    size,
    read: (offset, length) => {
      const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= size;
      if (!inside) throw new Error(`read ${length} bytes at ${offset} of ${size}`);
      return read(offset, length);
    },
  };
}

const originals = [...SAMPLES.map(({ bytes }) => bytes), ...libraries.map((path) => readFileSync(path))];
const results = { read: 0, refused: 0, slowestMs: 0 };
const end = Date.now() + Number(seconds) * 1000;
console.log(`seed ${seed}, ${originals.length} libraries, ${seconds} s`);
while (Date.now() < end) {
  const bytes = mutate(originals[random(originals.length)]);
  const start = performance.now();
  try {
    JSON.stringify(readLibrary(strictSource(bytes), 'arm64'));
    results.read += 1;
  } catch (error) {
    if (!(error instanceof MalformedFileError)) {
      const path = join(tmpdir(), `triage-fuzz-${seed}.bin`);
      writeFileSync(path, bytes);
      console.error(`after ${results.read + results.refused} libraries (this one: ${path}):`, error);
      process.exit(1);
    }
    results.refused += 1;
  }
  results.slowestMs = Math.max(results.slowestMs, Math.round(performance.now() - start));
}
console.log({ ...results, memoryMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
