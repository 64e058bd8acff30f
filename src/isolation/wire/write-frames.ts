import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

/** To copy so much costs less than a list of many buffers. */
const MAX_JOINED_BYTES = 64 << 10;

/** Writes frames, at least one, in one system call. `onWritten` is called when the operating system has accepted all of them. */
export function writeFrames(socket: Socket, frames: readonly Buffer[], onWritten?: () => void): void {
  const size = frames.reduce((sum, { length }) => sum + length, 0);
  if (frames.length > 1 && size > MAX_JOINED_BYTES) {
    writeCorked(socket, frames, onWritten);
    return;
  }
  socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames, size), onWritten);
}

function writeCorked(socket: Socket, frames: readonly Buffer[], onWritten?: () => void): void {
  const last = frames.length - 1;
  socket.cork();
  frames.forEach((frame, i) => void socket.write(frame, i === last ? onWritten : undefined));
  socket.uncork();
}
