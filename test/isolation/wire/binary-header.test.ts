import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BINARY_HEADER_BYTES, beginsBinary, binaryHeaderBytes, isBinary, readBinaryHeader, writeBinaryHeader } from '../../../src/isolation/wire/binary-header.js';
import { FrameError } from '../../../src/isolation/wire/frame-error.js';
import type { BinaryMessage } from '../../../src/isolation/wire/messages.js';

type BinaryType = BinaryMessage['type'];

const ALL: ReadonlySet<BinaryType> = new Set(['invoke', 'cancel', 'credit', 'pending', 'chunk', 'result', 'returned']);
const U16 = 2 ** 16 - 1;
const U32 = 2 ** 32 - 1;
const MAX_ID = 2 ** 48 - 1;

const MESSAGES: readonly BinaryMessage[] = [
  { type: 'invoke', id: 1, plugin: 1, capability: 0, method: 0, chainLength: 0, chunks: false, drain: false },
  { type: 'invoke', id: MAX_ID, plugin: U32, capability: U32, method: 255, chainLength: U32, chunks: true, drain: true },
  { type: 'invoke', id: 7, plugin: 2, capability: 3, method: 1, chainLength: 4, chunks: false, drain: true },
  { type: 'cancel', id: 2 },
  { type: 'credit', id: 3, chunks: 64, bytes: 5 },
  { type: 'credit', id: 3, chunks: 1, bytes: 2 ** 40 + 2 ** 31 + 1 },
  { type: 'pending', id: 4 },
  { type: 'chunk', id: 5, tag: 'none', isText: false },
  { type: 'chunk', id: 5, tag: 'message', isText: true },
  { type: 'result', id: 6 },
  { type: 'returned', id: 8 },
];

function written(message: BinaryMessage): Buffer {
  const header = Buffer.alloc(BINARY_HEADER_BYTES, 0xee); // every byte must be written
  writeBinaryHeader(message, header, 0);
  return header;
}

const read = (header: Buffer, payload = 0, types = ALL): BinaryMessage => readBinaryHeader(header, 0, header.length, payload, types);

test.each(MESSAGES)('a message is read as it was written: %j', (message) => {
  const header = written(message);
  expect(isBinary(message)).toBe(true);
  expect(beginsBinary(header[0])).toBe(true);
  expect(read(header)).toEqual(message);
  const shifted = Buffer.concat([Buffer.alloc(5), header, Buffer.alloc(5)]);
  expect(readBinaryHeader(shifted, 5, header.length, 0, ALL)).toEqual(message);
});

describe('a context', () => {
  const invoke: BinaryMessage = { type: 'invoke', id: 1, plugin: 1, capability: 0, method: 0, chainLength: 0, chunks: true, drain: false };
  const withContext = (context: string): Buffer => {
    const message = { ...invoke, context };
    const header = Buffer.alloc(binaryHeaderBytes(message), 0xee);
    writeBinaryHeader(message, header, 0);
    return header;
  };

  test.each(['{}', '{"agentId":"é 漢 😀"}', JSON.stringify({ text: 'x'.repeat(65_000) })])('is a section after the header: %#', (context) => {
    const header = withContext(context);
    expect(read(header, 5)).toEqual({ ...invoke, context });
    expect(readBinaryHeader(Buffer.concat([Buffer.alloc(3), header, Buffer.from('{}')]), 3, header.length, 2, ALL)).toEqual({ ...invoke, context });
  });

  test('that is longer or shorter than the header says is refused, and so is a second one', () => {
    const header = withContext('{"a":1}');
    for (const bytes of [0, 6, 8, U32]) {
      const changed = Buffer.from(header);
      changed.writeUInt32LE(bytes, BINARY_HEADER_BYTES);
      expect(() => read(changed)).toThrow(new FrameError('a invoke with 1 sections'));
    }
    for (const cut of [1, 7, 8, 10]) expect(() => read(header.subarray(0, header.length - cut))).toThrow(new FrameError('a invoke with 1 sections'));
    header.writeUInt16LE(2, 14);
    expect(() => read(header)).toThrow(new FrameError('a invoke with 2 sections'));
  });

  test('belongs to no other message', () => {
    for (const type of ['cancel', 'credit', 'pending', 'chunk', 'result', 'returned'] as const) {
      const header = withContext('{}');
      header[0] = written({ type, id: 1, chunks: 0, bytes: 0, tag: 'none', isText: false } as BinaryMessage)[0]!;
      expect(() => read(header)).toThrow(new FrameError(`a ${type} with 1 sections`));
    }
  });
});

test('JSON is not taken for a binary header', () => {
  for (const text of ['{}', '[]', '"a"', '1', '-1', 'null', 'true', ' {}']) expect(beginsBinary(Buffer.from(text)[0])).toBe(false);
  expect(isBinary({ type: 'failure' })).toBe(false);
  expect(isBinary({ type: 'constructor' })).toBe(false);
});

/** Where each field is, and its number of bytes. */
const FIELDS = { flags: [1, 1], detail: [2, 2], 'first operand': [4, 4], 'second operand': [16, 4], 'third operand': [20, 4] } as const;
/** The largest value that is valid; of the others none but 0. */
const LARGEST: Partial<Record<BinaryType, Partial<Record<keyof typeof FIELDS, number>>>> = {
  invoke: { flags: 3, detail: 255, 'first operand': U32, 'second operand': U32, 'third operand': U32 },
  credit: { 'first operand': U32, 'second operand': U32, 'third operand': U16 },
  chunk: { flags: 1, detail: 5 },
};

describe.each(MESSAGES.filter(({ type }, i) => MESSAGES.findIndex((other) => other.type === type) === i))('$type', (message) => {
  const { type } = message;
  const changed = (at: number, bytes: number, value: number): Buffer => {
    const header = written(message);
    header.writeUIntLE(value, at, bytes);
    return header;
  };

  test.each(Object.entries(FIELDS))('takes no %s beyond what there is', (name, [at, bytes]) => {
    const largest = LARGEST[type]?.[name as keyof typeof FIELDS] ?? 0;
    expect(read(changed(at, bytes, largest)).type).toBe(type);
    for (const wrong of [largest + 1, 2 ** (8 * bytes) - 1]) {
      if (wrong > largest && wrong < 2 ** (8 * bytes)) expect(() => read(changed(at, bytes, wrong))).toThrow(new FrameError(`a ${type} with ${name} ${wrong}`));
    }
  });

  test('has an id, no sections, and its length', () => {
    expect(() => read(changed(8, 6, 0))).toThrow(new FrameError(`a ${type} with id 0`));
    expect(() => read(changed(14, 2, 1))).toThrow(new FrameError(`a ${type} with 1 sections`));
    expect(() => read(changed(14, 2, U16))).toThrow(new FrameError(`a ${type} with ${U16} sections`));
    const header = written(message);
    for (const other of [header.subarray(0, 1), header.subarray(0, 23), Buffer.concat([header, Buffer.alloc(1)])]) {
      expect(() => read(other)).toThrow(new FrameError(`a header of ${other.length} bytes for a ${type}`));
    }
  });

  test('has a payload only where it needs one', () => {
    if (['invoke', 'chunk', 'result'].includes(type)) expect(read(written(message), 1)).toEqual(message);
    else expect(() => read(written(message), 1)).toThrow(new FrameError(`a ${type} with a payload of 1 bytes`));
  });

  test('is refused from an end that does not send it', () => {
    const others = new Set([...ALL].filter((other) => other !== type));
    expect(() => read(written(message), 0, others)).toThrow(/^a header of type \d, which it cannot send$/);
  });
});

test('whatever the bytes are, they are a message that is written as the same bytes, or a FrameError', () => {
  const small = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 255 }));
  const bytes = fc.array(small, { minLength: BINARY_HEADER_BYTES, maxLength: BINARY_HEADER_BYTES });
  let messages = 0;
  const check = (given: readonly number[], type: number): void => {
    // Mostly zeros, so that some are messages.
    const header = Buffer.from(given.map((byte, i) => (i === 0 ? type : i >= 8 && i < 14 ? byte : byte < 3 ? byte % 2 : 0)));
    try {
      expect(written(read(header))).toEqual(header);
      messages++;
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  };
  fc.assert(fc.property(bytes, fc.integer({ min: 0, max: 31 }), check), { numRuns: 3000 });
  expect(messages).toBeGreaterThan(0);
});

test('a number without room in its field is not written', () => {
  const header = Buffer.alloc(BINARY_HEADER_BYTES);
  expect(() => writeBinaryHeader({ type: 'result', id: MAX_ID + 1 }, header, 0)).toThrow('out of range');
  expect(() => writeBinaryHeader({ type: 'credit', id: 1, chunks: U32 + 1, bytes: 0 }, header, 0)).toThrow('out of range');
});
