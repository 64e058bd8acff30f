import { readFileSync } from 'node:fs';

/** Whether there is a process with this id, one that has ended and that nobody has asked after included. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether it has not ended. Whose parent is dead may stay a zombie for as long as the system likes. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux' && isAlive(pid);
  }
}
