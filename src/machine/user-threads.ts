import { readFileSync, readdirSync } from 'node:fs';

/** How many more threads this user may start (RLIMIT_NPROC). `undefined` if unlimited or unknown. Linux only. */
export function countThreadsLeft(): number | undefined {
  const user = process.geteuid?.();
  if (process.platform !== 'linux' || user === undefined || user === 0) return undefined; // the limit does not apply to root
  const limit = /^Max processes\s+(\d+)/m.exec(read('/proc/self/limits'))?.[1];
  if (limit === undefined) return undefined;
  return Number(limit) - pidsOfAll().reduce((sum, pid) => sum + threadsOf(pid, user), 0);
}

function pidsOfAll(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // no descriptor is left
  }
}

function threadsOf(pid: string, user: number): number {
  const status = read(`/proc/${pid}/status`);
  const owner = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  return owner === String(user) ? Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0) : 0;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // the process has ended
  }
}
