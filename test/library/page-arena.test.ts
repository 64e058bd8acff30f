import { Buffer } from 'node:buffer';
import { expect, test } from '@jest/globals';
import { heapBytes } from '../../src/library/heap-bytes.js';
import { PageArena } from '../../src/library/page-arena.js';
import { processState } from '../../src/library/process-state.js';
import { answerOf, runChild } from '../support/child.js';
import { testWhere } from '../support/fixtures.js';

const arena = 'const { PageArena } = require("./build/modules/library/page-arena.js");';

test('each block ends at the end of a page and keeps what is written', () => {
  const blocks = new PageArena([88, 5, 10_000, 0]);
  expect([88, 5, 10_000, 0].map((length, block) => (blocks.at(block) + length) % 4096)).toEqual([0, 0, 0, 0]);
  blocks.write(1, Buffer.from('hello'));
  blocks.write(2, Buffer.alloc(10_000, 'x'));
  expect(blocks.read(1).toString()).toBe('hello');
  expect(blocks.read(2).equals(Buffer.alloc(10_000, 'x'))).toBe(true);
});

test('what was made read-only can be read', () => {
  const blocks = new PageArena([5]);
  blocks.write(0, Buffer.from('hello'));
  blocks.makeReadOnly(0);
  expect(blocks.read(0).toString()).toBe('hello');
});

test.each([
  ['forbidden memory that is read', 'a.forbid(0); a.read(0);'],
  ['read-only memory that is written', 'a.makeReadOnly(0); a.write(0, Buffer.from("x"));'],
])('%s ends the process', async (_what, use) => {
  expect(await answerOf(`${arena} const a = new PageArena([8]); a.write(0, Buffer.from("12345678")); console.log(a.read(0).length);`)).toBe(8);
  const { code, signal } = await runChild(`${arena} const a = new PageArena([8]); ${use} console.log("alive");`);
  expect([code, signal]).not.toEqual([0, null]);
});

test('the state of the process names what has changed', async () => {
  const script = 'const { processState } = require("./build/modules/library/process-state.js"); const before = processState(); process.chdir(require("node:os").tmpdir()); const after = processState(); console.log(JSON.stringify([...before].filter(([name, value]) => after.get(name) !== value).map(([name]) => name)));';
  expect(await answerOf(script)).toEqual(['working folder']);
  expect(processState().get('floating-point state')).toBe('normal');
});

testWhere(heapBytes() !== undefined, 'no mallinfo2')('memory that is allocated counts', () => {
  const before = heapBytes() ?? 0;
  const kept = Buffer.from(new ArrayBuffer(50_000_000));
  expect((heapBytes() ?? 0) - before).toBeGreaterThan(40_000_000);
  expect(kept.length).toBe(50_000_000);
});
