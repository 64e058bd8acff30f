import type { Socket } from 'node:net';
import type { Spawned } from './spawn.js';

/** A child whose output is read this fast may be waiting in its write. */
const MUCH_OUTPUT = 64 << 10;

/** Says whether much output was read since the last question, or is not read at the moment. */
export function outputReadSince({ stdout, stderr }: Spawned): () => boolean {
  const streams = [stdout, stderr] as Socket[];
  const bytesRead = (): number => streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
  let last = 0;
  return () => {
    const now = bytesRead();
    const isMuch = now - last >= MUCH_OUTPUT;
    last = now;
    return isMuch || streams.some((stream) => stream.isPaused());
  };
}
