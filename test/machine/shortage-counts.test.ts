import { expect, test } from '@jest/globals';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { countShortages, shortageSince, type CountedShortage } from '../../src/machine/shortage-counts.js';
import { temporaryFolder } from '../support/fixtures.js';
import { onLinux } from '../trust/plugin.js';

/** A counter that has counted 5. */
function counterIn(folder: string, name: string, of: CountedShortage['of']): CountedShortage & { set(count: number): void } {
  const file = path.join(folder, name);
  const set = (count: number): void => writeFileSync(file, `low 0\noom_kill ${count}\n`);
  set(5);
  return { of, file, key: 'oom_kill', inode: statSync(file).ino, count: 5, set };
}

test('what ran out is what has been counted since', () => {
  const folder = temporaryFolder();
  const [cgroup, system, threads] = [counterIn(folder, 'cgroup', 'memory'), counterIn(folder, 'system', 'memory'), counterIn(folder, 'threads', 'threads')];
  const before = [cgroup, system, threads];
  expect(shortageSince(before)).toBeUndefined();
  expect(shortageSince([])).toBeUndefined();
  threads.set(6);
  expect(shortageSince(before)).toBe('threads');
  cgroup.set(6);
  expect(shortageSince(before)).toBe('memory');
});

test('other cgroups are asked only if the own one is gone, or is another of the same name', () => {
  const folder = temporaryFolder();
  const [cgroup, system] = [counterIn(folder, 'cgroup', 'memory'), counterIn(folder, 'system', 'memory')];
  const before = [cgroup, system];
  system.set(6);
  expect(shortageSince(before)).toBeUndefined();
  expect(shortageSince([{ ...cgroup, inode: cgroup.inode + 1 }, system])).toBe('memory');
  rmSync(cgroup.file);
  expect(shortageSince(before)).toBe('memory');
  system.set(4);
  expect(shortageSince(before)).toBeUndefined();
});

onLinux('the counters of this machine are found, and stand where they say', () => {
  const vmstat = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
  const counted = countShortages();
  expect(counted.some(({ file }) => file === '/proc/vmstat')).toBe(vmstat !== undefined);
  for (const { count, key } of counted) expect([count >= 0, ['oom_kill', 'max'].includes(key)]).toEqual([true, true]);
});
