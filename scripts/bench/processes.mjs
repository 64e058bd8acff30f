/** What Linux knows of a process. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Why CPU time cannot be measured, or `undefined` if it can. */
export const noCpuTimes = existsSync(`/proc/self/task/${process.pid}/schedstat`) ? undefined : 'needs /proc/self/task/*/schedstat of Linux';

/** Why memory cannot be measured, or `undefined` if it can. */
export const noMemory = existsSync('/proc/self/smaps_rollup') ? undefined : 'needs /proc/self/smaps_rollup of Linux';

/** CPU time of all threads of a process, in nanoseconds; of threads that run at this moment, up to a few milliseconds ago. */
const cpuNanosecondsOf = (pid) => readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + cpuNanosecondsOfThread(`/proc/${pid}/task/${thread}`), 0);

function cpuNanosecondsOfThread(folder) {
  try {
    return Number(readFileSync(join(folder, 'schedstat'), 'utf8').split(' ')[0]);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    return 0; // it has ended meanwhile
  }
}

/** CPU time of this process and of those with these ids, in nanoseconds. */
export function cpuNanoseconds(pids) {
  const { user, system } = process.cpuUsage();
  return pids.reduce((sum, pid) => sum + cpuNanosecondsOf(pid), (user + system) * 1000);
}

/** In MiB: resident memory, proportional share, and private memory. */
export function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name) => [...rollup.matchAll(new RegExp(`^${name}:\\s+(\\d+) kB`, 'gm'))].reduce((sum, [, kB]) => sum + Number(kB), 0) / 1024;
  return { rss: mebibytes('Rss'), pss: mebibytes('Pss'), own: mebibytes('Private_(?:Clean|Dirty)') };
}
