import { renameSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { systemCode } from '../errors/index.js';
import { pause } from '../machine/node-timers.js';

/**
 * Windows refuses to rename, delete or open a file for a moment while others use it: another writer, a virus scanner. A folder is not
 * empty until the last user of a deleted file has closed it.
 */
const MOMENTARY = ['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'];
/** All pauses together are about a second. */
const MAX_TRIES = 20;
const PAUSE_MS = 5;
/** Elsewhere these errors are final. */
const TRIES = process.platform === 'win32' ? MAX_TRIES : 1;

const mayRetry = (error: unknown, tries: number, maxTries: number): boolean => tries < maxTries && MOMENTARY.includes(systemCode(error) ?? '');

/** Runs it again while the system says that others use the file, for a moment where that helps. @throws the last error */
export async function retryHeld<T>(run: () => Promise<T>, maxTries = TRIES): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (!mayRetry(error, tries, maxTries)) throw error;
      await pause(PAUSE_MS * tries);
    }
  }
}

/** The same, synchronously. */
export function retryHeldSync(run: () => void, maxTries = TRIES): void {
  for (let tries = 1; ; tries++) {
    try {
      run();
      return;
    } catch (error) {
      if (!mayRetry(error, tries, maxTries)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS * tries);
    }
  }
}

/** `rename` that waits a moment for others that use a file. */
export const renameHeld = (from: string, to: string): Promise<void> => retryHeld(() => rename(from, to));
export const renameHeldSync = (from: string, to: string): void => retryHeldSync(() => renameSync(from, to));

/** Removes a file, or a folder with its content, in the same way. It may be missing. */
export const removeHeld = (path: string): Promise<void> => retryHeld(() => rm(path, { recursive: true, force: true }));
export const removeHeldSync = (path: string): void => retryHeldSync(() => rmSync(path, { force: true }));
