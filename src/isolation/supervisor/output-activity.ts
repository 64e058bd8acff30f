import type { Socket } from 'node:net';
import type { Spawned } from './spawn.js';

/** A child that prints this much may be blocked in its write. */
const MUCH_OUTPUT_BYTES = 64 << 10;

/** Returns a function that says whether much output was read since its last call, or reading is paused now. */
export function outputReadSince({ stdout, stderr }: Spawned): () => boolean {
  const streams = [stdout, stderr] as Socket[];
  const bytesRead = (): number => streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
  let last = 0;
  return () => {
    const now = bytesRead();
    const isMuch = now - last >= MUCH_OUTPUT_BYTES;
    last = now;
    return isMuch || streams.some((stream) => stream.isPaused());
  };
}
