/** How the host cuts the answers of a child out of a stream of bytes. */
import { expect, test } from '@jest/globals';
import { AnswerReader, type AnswerHeader } from '../../../src/isolation/wire/call-socket/answer-reader.js';
import { answerBytes } from '../../../src/isolation/wire/call-socket/layout.js';
import { answerFrame, type TestAnswer } from './answers.js';

const ANSWERS: readonly TestAnswer[] = [
  { slot: 3, text: '"one"' },
  { slot: 63, kind: 1, status: -5, text: 'é' },
  { slot: 0, kind: 2 },
  { slot: 7, length: 0xffff_ffff },
  { slot: 8, text: 'x'.repeat(65_536), sent: -1 },
  { slot: 9, text: 'last', format: 0x8000_0000 },
];
const STREAM = Buffer.concat(ANSWERS.map(answerFrame));

function readerInto(read: object[], goesOn = () => true): AnswerReader {
  return new AnswerReader((header: AnswerHeader, from, at) => {
    read.push({ ...header, text: from.toString('utf8', at, at + answerBytes(header.length)) });
    return goesOn();
  });
}

const EXPECTED = ANSWERS.map(({ slot, kind = 0, status = 1, format = 1, sent = 0, text = '', length }) => ({
  slot, kind, status, format, sent, text, length: length ?? Buffer.byteLength(text),
}));

for (const size of [1, 2, 3, 19, 20, 21, 24, 4096, 65_537, STREAM.length]) test(`in pieces of ${size} bytes`, () => {
  const read: object[] = [];
  const reader = readerInto(read);
  for (let at = 0; at < STREAM.length; at += size) reader.push(STREAM.subarray(at, at + size));
  expect(read).toEqual(EXPECTED);
});

test('cut in two anywhere near a header', () => {
  for (let cut = 0; cut < 120; cut++) {
    const read: object[] = [];
    const reader = readerInto(read);
    reader.push(STREAM.subarray(0, cut));
    reader.push(STREAM.subarray(cut));
    expect(read).toEqual(EXPECTED);
  }
});

test('nothing more is read after an answer that is refused', () => {
  for (const size of [7, STREAM.length]) {
    const read: object[] = [];
    let count = 0;
    const reader = readerInto(read, () => ++count < 2);
    for (let at = 0; at < STREAM.length && count < 2; at += size) reader.push(STREAM.subarray(at, at + size));
    expect(read).toEqual(EXPECTED.slice(0, 2));
  }
});
