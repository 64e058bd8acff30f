import { constants } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { testWhere } from './fixtures.js';

export const onWindows = testWhere(process.platform === 'win32', 'only Windows refuses what others have open');

/** libuv's flag for a file that nobody else may open, rename or delete until it is closed. It needs O_RDWR. */
const UV_FS_O_EXLOCK = 0x1000_0000;

const HOLDER = `
const { openSync, closeSync } = require('node:fs');
const { parentPort, workerData: { path, flags, words } } = require('node:worker_threads');
const file = openSync(path, flags);
parentPort.postMessage('held');
while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0);
Atomics.wait(words, 1, 0, 50);
closeSync(file);
`;

/** Holds a file on a thread of its own, as a virus scanner does, until 50 ms after `begin` was called. */
export async function holdFile(path: string): Promise<{ readonly begin: () => void }> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(HOLDER, { eval: true, workerData: { path, flags: constants.O_RDWR | UV_FS_O_EXLOCK, words } });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return {
    begin: () => {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    },
  };
}
