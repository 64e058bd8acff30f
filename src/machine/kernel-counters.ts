import { readFileSync } from 'node:fs';

/** A line `key value` of a file, as in /proc/vmstat and the event files of cgroups. */
export interface Counter {
  readonly file: string;
  readonly key: string;
}

/** Processes that the OOM killer has killed in the whole system, including those in cgroups. */
export const VMSTAT: Counter = { file: '/proc/vmstat', key: 'oom_kill' };

/** `undefined` if the file is not readable or has no such key. */
export function readCounter({ file, key }: Counter): number | undefined {
  try {
    const value = new RegExp(`^${key} (\\d+)$`, 'm').exec(readFileSync(file, 'latin1'))?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

/** The folders of this process's cgroup and its ancestors, innermost first: `controller` of cgroup v1, else cgroup v2. */
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
  // In a container, the path may be the one outside it. The container's own cgroup is then the root of the mount.
  return mounts.flatMap((mount) => Array.from({ length: names.length + 1 }, (_, above) => [mount, ...names.slice(0, names.length - above)].join('/')));
}

/** The readable `oom_kill` counters of this process's cgroup and its ancestors, innermost first. */
export const locateOomKills = (): readonly Counter[] =>
  cgroupFolders('memory')
    .flatMap((folder) => ['memory.events', 'memory.oom_control'].map((name) => ({ file: `${folder}/${name}`, key: 'oom_kill' })))
    .filter((counter) => readCounter(counter) !== undefined);

/** The counters of threads and processes that a `pids` limit has refused, for this cgroup and its ancestors. */
export const locateRefusedThreads = (): readonly Counter[] =>
  cgroupFolders('pids')
    .map((folder) => ({ file: `${folder}/pids.events`, key: 'max' }))
    .filter((counter) => readCounter(counter) !== undefined);

/** Processes that the OOM killer has killed in this cgroup or, if that is not known, in the whole system. */
export function countOomKills(): number | undefined {
  const [innermost = VMSTAT] = locateOomKills();
  return readCounter(innermost);
}

/** Threads and processes that a `pids` limit has refused, in this cgroup and its ancestors. */
export function countRefusedThreads(): number | undefined {
  const counters = locateRefusedThreads();
  return counters.length === 0 ? undefined : counters.reduce((sum, counter) => sum + (readCounter(counter) ?? 0), 0);
}
