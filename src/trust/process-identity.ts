import { readFileSync } from 'node:fs';
import { systemCode } from '../errors/index.js';

/** Identifies a process even if its pid is reused later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's unit; `0` if unknown (on all systems but Linux, and on Linux where /proc is not mounted). */
  readonly started: string;
}

export const UNKNOWN_START = '0';

export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) ?? UNKNOWN_START });

/** False only if the process has certainly ended. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  // After a container restarts, its pids are reused at once. A process without /proc could not tell its start; others can.
  return started === UNKNOWN_START || (startOf(pid) ?? started) === started;
}

/** Field 22 of /proc/PID/stat, see proc(5). The process name before it may contain any character, including parentheses. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
