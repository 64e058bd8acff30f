import { createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { divertStdout } from '../../library/index.js';

/**
 * Takes standard output for a protocol: from now on, all else that this process or a plugin in it prints there goes to standard
 * error. On Windows, standard output stays as it is.
 */
export function takeStandardOutput(): Writable {
  const descriptor = divertStdout();
  if (descriptor === undefined) return process.stdout;
  // The SDK adds a listener for each message that waits, and Node would warn of many.
  return streamTo(descriptor).setMaxListeners(Infinity);
}

function streamTo(descriptor: number): Writable {
  const kind = fstatSync(descriptor);
  // Pipes and sockets may be non-blocking, which a file stream cannot write to.
  if (kind.isFIFO() || kind.isSocket()) return new Socket({ fd: descriptor, readable: false, writable: true });
  return createWriteStream('', { fd: descriptor });
}
