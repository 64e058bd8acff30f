import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { eachLine } from '../../src/isolation/output-lines.js';

async function linesOf(pieces: readonly Uint8Array[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => void lines.push(line));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await once(stream, 'close');
  return lines;
}

test('lines come out whole wherever the bytes are cut, characters of several bytes included', async () => {
  const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 50 }).map((line) => line.replace(/[\r\n]/g, '')), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const bytes = Buffer.from(lines.join('\n'));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      expect(await linesOf(pieces)).toEqual(lines.filter((line) => line.trim() !== ''));
    }),
  );
});

test('the end of a line may be that of Windows, and the last may have none', async () => {
  expect(await linesOf([Buffer.from('one\r\ntwo\n\nthree')])).toEqual(['one', 'two', 'three']);
});

test('a line without end is cut, and costs no more than that', async () => {
  const lines = await linesOf([...Array.from({ length: 1000 }, () => Buffer.alloc(10_000, 'x')), Buffer.from('\nnext\n')]);
  expect(lines).toEqual([`${'x'.repeat(8192)} … (cut at 8192 characters)`, 'next']);
});
