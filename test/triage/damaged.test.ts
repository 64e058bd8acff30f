import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bufferSource, type ByteSource } from '../../src/triage/byte-source.js';
import { MalformedFileError } from '../../src/triage/malformed-file.js';
import type { Facts } from '../../src/triage/index.js';
import { LIMITS } from '../../src/triage/limits.js';
import { ExportList } from '../../src/triage/export-list.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { thorough } from '../support/thorough.js';
import { buildElf } from './build-elf.js';
import { SAMPLES } from './samples.js';

/** Facts, or the MalformedFileError that was found; anything else thrown is a mistake of the readers, and so is a read outside the file. */
function readStrictly(bytes: Uint8Array): Facts | MalformedFileError {
  const source = bufferSource(bytes);
  const strict: ByteSource = {
    size: source.size,
    read: (offset, length) => {
      const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= source.size;
      if (!inside) throw new RangeError(`read ${length} bytes at ${offset} of ${source.size}`);
      return source.read(offset, length);
    },
  };
  try {
    return readLibrary(strict, 'x64');
  } catch (error) {
    if (error instanceof MalformedFileError) return error;
    throw error;
  }
}

describe.each(SAMPLES)('a damaged library: $name', ({ bytes }) => {
  test('it is whole to begin with', () => {
    expect(readStrictly(bytes)).toMatchObject({ exports: expect.arrayContaining(['aisopod_plugin_create']) as unknown, noteProblem: undefined });
  });

  test('cut off anywhere, it is refused', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readStrictly(bytes.subarray(0, length))).toBeInstanceOf(MalformedFileError);
    }
  });

  test('cut off after its headers, it says how long it should be', () => {
    const half = readStrictly(bytes.subarray(0, bytes.length - 1));
    expect(half).toMatchObject({ expected: `${bytes.length} bytes`, found: `${bytes.length - 1} bytes (truncated)` });
  });

  test('with any byte changed, it is read or refused', () => {
    const copy = Buffer.from(bytes);
    for (let at = 0; at < bytes.length; at += 1) {
      const good = bytes.readUInt8(at);
      for (const value of [0, 0xff, good ^ 1, good ^ 0x80]) {
        copy.writeUInt8(value, at);
        readStrictly(copy);
      }
      copy.writeUInt8(good, at);
    }
  });

  test('with any number as large as can be, it is read or refused', () => {
    for (let at = 0; at + 8 <= bytes.length; at += 2) {
      for (const [value, size] of [[0xffffffff, 4], [0x7fffffff, 4], [0xffffffff, 8]] as const) {
        const copy = Buffer.from(bytes);
        for (let part = at; part < at + size; part += 4) copy.writeUInt32LE(value, part);
        readStrictly(copy);
      }
    }
  });

  test('with many numbers changed at once, it is read or refused', () => {
    const change = fc.record({ at: fc.nat(bytes.length - 4), value: fc.oneof(fc.nat(bytes.length), fc.nat(0xffffffff)) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const copy = Buffer.from(bytes);
        for (const { at, value } of changes) copy.writeUInt32LE(value, at);
        readStrictly(copy);
      }),
      { numRuns: thorough(2000, 500) },
    );
  });
});

test('anything at all behind the first bytes of a format is read or refused', () => {
  const magics = SAMPLES.map(({ bytes }) => bytes.subarray(0, 6));
  fc.assert(
    fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 600 }), (magic, rest) => {
      readStrictly(Buffer.concat([magic, rest]));
    }),
    { numRuns: thorough(2000, 500) },
  );
});

describe('a library that would make its reader keep too much', () => {
  test('by naming one long text many times: what is read of it is bounded, and the facts say so', () => {
    const name = 'x'.repeat(60_000);
    const bytes = buildElf({ exports: Array.from({ length: 2000 }, () => name) });
    expect(readStrictly(bytes)).toMatchObject({ exportsTruncated: true, exports: [name] });
  });

  test('by exporting more names than are kept', () => {
    const names = new ExportList();
    let kept = 0;
    while (names.add(`name${kept}`)) kept += 1;
    expect(kept).toBe(LIMITS.exports);
    expect(names.truncated).toBe(true);
    expect(names.list()).toHaveLength(LIMITS.exports);
  });

  test('by a name without an end', () => {
    expect(readStrictly(buildElf({ exports: ['x'.repeat(LIMITS.symbolName + 1)] }))).toMatchObject({
      expected: `names of at most ${LIMITS.symbolName} bytes in the string table`,
    });
  });
});
