/** A worker thread that answers each message: `postMessage` of text. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { inOrder } from './in-order.mjs';

export async function open() {
  const worker = new Worker(join(import.meta.dirname, 'worker-threads-echo.mjs'));
  await once(worker, 'online');
  const { call, answer } = inOrder((text) => worker.postMessage(text));
  worker.on('message', answer);
  return { call, close: () => worker.terminate() };
}
