import { readFileSync } from 'node:fs';

/** Lines of `key value`, as /proc/vmstat and the event files of cgroups have them. `undefined`: not readable, or no such key. */
function readCounter(file: string, key: string): number | undefined {
  try {
    const value = new RegExp(`^${key} (\\d+)$`, 'm').exec(readFileSync(file, 'latin1'))?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

/** The folders of this process's cgroup and of those above it: `controller` of version 1, else version 2. Innermost first. */
function cgroupFolders(controller: string): readonly string[] {
  let lines: readonly string[];
  try {
    lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  } catch {
    return [];
  }
  const entries = lines.map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const v1 = entries.find((entry) => entry?.[1]?.split(',').includes(controller));
  const path = (v1 ?? entries.find((entry) => entry?.[1] === ''))?.[2] ?? '/';
  const names = path.split('/').filter((name) => name !== '');
  const mounts = v1 === undefined ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] : [`/sys/fs/cgroup/${v1?.[1] ?? ''}`, `/sys/fs/cgroup/${controller}`];
  // In a container the path may be the one outside; the container's own cgroup is the root of what is mounted then.
  return mounts.flatMap((mount) => Array.from({ length: names.length + 1 }, (_, above) => [mount, ...names.slice(0, names.length - above)].join('/')));
}

/** Processes that the kernel has ended for want of memory: in this cgroup; in the whole system where that is not known. */
export function countOomKills(): number | undefined {
  for (const folder of cgroupFolders('memory')) {
    const count = readCounter(`${folder}/memory.events`, 'oom_kill') ?? readCounter(`${folder}/memory.oom_control`, 'oom_kill');
    if (count !== undefined) return count;
  }
  return readCounter('/proc/vmstat', 'oom_kill');
}

/** Threads and processes that a `pids` limit has refused, to this cgroup and those above it. */
export function countRefusedThreads(): number | undefined {
  const counts = cgroupFolders('pids').map((folder) => readCounter(`${folder}/pids.events`, 'max'));
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}
