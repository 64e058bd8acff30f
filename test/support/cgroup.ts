import { mkdirSync, rmdirSync } from 'node:fs';
import { testWhere } from './fixtures.js';
import { until } from './host.js';

function makeCgroup(controller: string): string | undefined {
  if (process.platform !== 'linux') return undefined; // wine shows the files of Linux
  const folder = `/sys/fs/cgroup/${controller}/aisopod-test-${process.pid}-${controller}`;
  try {
    mkdirSync(folder);
    return folder;
  } catch {
    return undefined;
  }
}

function mayUse(controller: string): boolean {
  const folder = makeCgroup(controller);
  if (folder !== undefined) rmdirSync(folder);
  return folder !== undefined;
}

/** Runs `test` with a cgroup (version 1) of its own, which is removed afterwards. Skipped if this user may not make one. */
export const inCgroup = (controller: 'memory' | 'pids', name: string, run: (folder: string) => Promise<void>): void =>
  testWhere(mayUse(controller), `needs a ${controller} cgroup (version 1) that this user may make`)(
    name,
    async () => {
      const folder = makeCgroup(controller) ?? '';
      try {
        await run(folder);
      } finally {
        await until(() => isRemoved(folder)); // busy until the kernel has taken the last process out
      }
    },
  );

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
