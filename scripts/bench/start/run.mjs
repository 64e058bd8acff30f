import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a script of this folder in a new process. @returns the nanoseconds that it prints */
export const nanosecondsIn = (script, ...args) => async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, script), ...args]);
  return Number(stdout);
};
