/** A Node child behind a unix socket (on Windows a pipe), with the least protocol: a length, then text. One request, one answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inOrder } from './in-order.mjs';
import { messagesOf } from './length-prefixed.mjs';

export async function open() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'raw-socket-echo.mjs')], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  await once(child, 'spawn');
  const socket = child.stdio[3];
  const { call, answer } = inOrder((text) => {
    const length = Buffer.byteLength(text);
    const message = Buffer.allocUnsafe(length + 4);
    message.writeUInt32LE(length);
    message.utf8Write(text, 4);
    socket.write(message);
  });
  messagesOf(socket, (bytes, end) => answer(bytes.utf8Slice(4, end)));
  return { call, pid: child.pid, close: () => socket.destroy() };
}
