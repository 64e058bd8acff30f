import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TAGS } from '../../../src/abi/constants.js';
import { FrameError } from '../../../src/isolation/wire/frame-error.js';
import { FrameReader, MAX_HEADER_BYTES, encodeFrame, type MessageReading } from '../../../src/isolation/wire/frames.js';
import type { ChildMessage } from '../../../src/isolation/wire/messages.js';

/** Accepts any JSON. */
const ANY: MessageReading<ChildMessage> = {
  binaryTypes: new Set(['chunk', 'pending', 'result', 'returned']),
  readJson: (header) => header as ChildMessage,
};
const readerOf = (limit: number): FrameReader<ChildMessage> => new FrameReader(limit, ANY);

interface Read {
  readonly header: unknown;
  readonly payload: string;
}

/** What a reader makes of the bytes, cut into pieces of these lengths. */
function readAll(bytes: Buffer, pieces: readonly number[], limit = 1 << 20): Read[] {
  const reader = readerOf(limit);
  const frames: Read[] = [];
  let at = 0;
  let next = 0;
  while (at < bytes.length) {
    const length = pieces[next++ % pieces.length] ?? 1;
    reader.push(bytes.subarray(at, at + length), (header, payload) => {
      frames.push({ header, payload: payload.toString() });
      return true;
    });
    at += length;
  }
  return frames;
}

test('frames come out as they went in, wherever the stream is cut', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue());
  const id = fc.integer({ min: 1, max: 2 ** 48 - 1 });
  const binary = fc.oneof(
    fc.record({ type: fc.constant('result'), id }),
    fc.record({ type: fc.constant('chunk'), id, tag: fc.constantFrom(...TAGS), isText: fc.boolean() }),
  );
  const frame = fc.record({ header: fc.oneof(json, binary), payload: fc.string({ unit: 'grapheme', maxLength: 3000 }) });
  const pieces = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), pieces, (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ header, payload }) => encodeFrame(header as unknown as ChildMessage, payload)));
      const expected = frames.map(({ header, payload }) => ({ header: JSON.parse(JSON.stringify(header)) as unknown, payload }));
      expect(readAll(bytes, cuts)).toEqual(expected);
    }),
  );
});

test('whatever the bytes are, they are frames or a FrameError', () => {
  const reader = (bytes: Uint8Array): void => {
    try {
      readAll(Buffer.from(bytes), [7]);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), reader));
});

test('bytes that are no text stay as they are', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const seen: Buffer[] = [];
  readerOf(1000).push(encodeFrame({ type: 'result', id: 1 }, bytes), (_message, payload) => seen.push(Buffer.from(payload)) > 0);
  expect(Buffer.compare(seen[0] ?? Buffer.alloc(0), bytes)).toBe(0);
});

test('a length over a limit is refused before what it claims has come', () => {
  const reader = readerOf(1000);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(4 + 2 + 1001, 0);
  lengths.writeUInt32LE(2, 4);
  expect(() => reader.push(lengths, () => true)).toThrow(new FrameError('a payload of 1001 bytes, over the limit of 1000'));
  const header = Buffer.alloc(8);
  header.writeUInt32LE(MAX_HEADER_BYTES + 5, 0);
  header.writeUInt32LE(MAX_HEADER_BYTES + 1, 4);
  expect(() => readerOf(1000).push(header, () => true)).toThrow(FrameError);
});

test('room is made for what has come, not for what is claimed', () => {
  const reader = readerOf(0xffff_0000);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(0xf000_0000, 0);
  lengths.writeUInt32LE(2, 4);
  const before = process.memoryUsage().arrayBuffers;
  reader.push(lengths, () => true);
  reader.push(Buffer.alloc(1 << 20), () => true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
});
