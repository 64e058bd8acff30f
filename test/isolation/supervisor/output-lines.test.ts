import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { eachLine } from '../../../src/isolation/supervisor/output-lines.js';

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
  const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 50 }).map((line) => line.replace(/\p{Cc}|[\u2028-\u202e\u2066-\u2069]/gu, '')), { maxLength: 20 });
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

test('what would move a cursor or begin a line of its own shows as what it is', async () => {
  expect(await linesOf([Buffer.from('a\rb\u001b[2J\tc\r\n')])).toEqual(['a\\rb\\u001b[2J\tc']);
});

const DROPPED = /^(\d+) lines were dropped here/;

test.each([
  ['of nothing', '', 2_000_000],
  ['that are short', 'a line of a plugin that does not stop', 300_000],
  ['that are long', 'x'.repeat(2000), 20_000],
])('of lines without end %s each is handed on or counted, at 16 MiB a second at most', async (_name, line, count) => {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (each) => void lines.push(each));
  const bytes = Buffer.from(`${line}\n`.repeat(count));
  const began = performance.now();
  for (let at = 0; at < bytes.length; at += 65_536) if (!stream.write(bytes.subarray(at, at + 65_536))) await once(stream, 'drain');
  stream.end('the end');
  await once(stream, 'close');
  const handed = lines.filter((each) => each === line).length;
  const dropped = lines.map((each) => Number(DROPPED.exec(each)?.[1] ?? 0)).reduce((sum, each) => sum + each, 0);
  const last = lines.includes('the end') ? 0 : 1; // counted as well
  if (line === '') expect(dropped - last).toBeGreaterThan(count * 0.9);
  else expect(handed + dropped - last).toBe(count);
  const elapsedMs = performance.now() - began;
  expect(lines.length).toBeLessThan(6000 + 1.2 * elapsedMs); // 5000 at once, and one each millisecond
  const beyondBurst = bytes.length - (4 << 20);
  expect(elapsedMs).toBeGreaterThanOrEqual((beyondBurst / (16 << 20)) * 1000 * 0.9);
});
