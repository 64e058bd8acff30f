/** `child_process.fork` with its default encoding, JSON by line. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inOrder } from './in-order.mjs';

export async function open() {
  const child = fork(join(import.meta.dirname, 'fork-echo.mjs'), { execArgv: [] });
  await once(child, 'spawn');
  const { call, answer } = inOrder((text) => child.send(text));
  child.on('message', answer);
  return { call, pid: child.pid, close: () => child.disconnect() };
}
