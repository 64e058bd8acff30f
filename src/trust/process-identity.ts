import { readFileSync } from 'node:fs';
import { systemCode } from '../errors/index.js';

/** A process so that a later one of the same number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own unit; `0` where it does not tell (all but Linux). */
  readonly started: string;
}

export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) ?? '0' });

/** False only where it is certain. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  // In a container that was started again, numbers come back at once.
  return (startOf(pid) ?? started) === started;
}

/** Field 22 of proc(5)'s stat; the name before it may hold anything, a parenthesis too. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
