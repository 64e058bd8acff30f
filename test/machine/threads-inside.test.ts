/** Finds a thread in a piece of code by its stack. */
import { expect } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { mappedFileAt, isFileMapped, mappings } from '../../src/machine/mapped-file.js';
import { threadInside } from '../../src/machine/threads-inside.js';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { readFileSync } from 'node:fs';
import { isEmulated, testWhere } from '../support/fixtures.js';

const testOnGlibc = testWhere(mappedLibc()?.flavour === 'glibc', 'only with glibc libraries are unmapped, so only there threads are looked for');

const testWithStacks = isEmulated ? testWhere(false, 'qemu: the stacks that the system knows are those of the emulator') : testOnGlibc;

/** Where Node's own code is mapped. Every Worker has some of it on its stack. */
function nodeCode() {
  const line = readFileSync('/proc/self/maps', 'utf8').split('\n').find((one) => one.endsWith(process.execPath) && one.includes(' r-xp ')) ?? '';
  return mappedFileAt(Number.parseInt(line, 16));
}

testWithStacks('a Worker that waits is in the code of Node, and no thread is in code that nobody runs', async () => {
  const worker = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', { eval: true });
  await new Promise((resolve) => worker.once('online', resolve));
  const node = nodeCode();
  expect(node?.code.length).toBeGreaterThan(0);
  expect(isFileMapped(node ?? { file: '', code: [] })).toBe(true);
  expect(await threadInside(node?.code ?? [])).toMatch(/^a thread of it \(\d+\) still runs$/);
  expect(await threadInside([{ from: 0x1234_5678_9000, to: 0x1234_5678_a000 }])).toBeUndefined();
  await worker.terminate();
});

testOnGlibc('an address that is of no file has no mapped file', () => {
  expect(mappedFileAt(8)).toBeUndefined();
  const heap = mappings().find(({ file }) => file === '');
  expect(mappedFileAt(heap?.from ?? 0)).toBeUndefined();
  expect(isFileMapped({ file: '00:00 1', code: [] })).toBe(false);
});
