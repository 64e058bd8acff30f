import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { systemCode } from '../errors/index.js';
import { pause } from '../machine/node-timers.js';

/** Windows refuses a rename for a moment while others use the file: another writer, a virus scanner. */
const MOMENTARY = ['EPERM', 'EACCES', 'EBUSY'];
const MAX_TRIES = process.platform === 'win32' ? 20 : 1;
const PAUSE_MS = 5;

const mayRetry = (error: unknown, tries: number): boolean => tries < MAX_TRIES && MOMENTARY.includes(systemCode(error) ?? '');

/** `rename` that tries again for a moment where that helps. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (!mayRetry(error, tries)) throw error;
      await pause(PAUSE_MS * tries);
    }
  }
}

/** The same, synchronously. */
export function renameOverSync(from: string, to: string): void {
  for (let tries = 1; ; tries++) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!mayRetry(error, tries)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS * tries);
    }
  }
}
