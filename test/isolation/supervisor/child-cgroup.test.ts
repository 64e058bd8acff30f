import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { ChildCgroup, groupSettings } from '../../../src/isolation/supervisor/child-cgroup.js';
import type { ResourceLimits } from '../../../src/report/resource-limits.js';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { openIn } from '../homes.js';

/** AISOPOD_TEST_CGROUP: a control group that tests may use, with the controllers memory, cpu and pids. */
const mounts = [process.env.AISOPOD_TEST_CGROUP, '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].filter((folder) => folder !== undefined);
const made: string[] = [];

/** A group that these tests may use; `undefined` if this user may make none. */
function makeGroup(): string | undefined {
  if (process.platform !== 'linux') return undefined; // wine shows the files of Linux
  for (const mount of mounts) {
    if (!existsSync(path.join(mount, 'cgroup.controllers'))) continue;
    try {
      const group = mkdtempSync(path.join(mount, 'aisopod-test-'));
      made.push(group);
      return group;
    } catch {
      // not delegated to this user
    }
  }
  return undefined;
}

const controllersOf = (group: string | undefined): readonly string[] =>
  group === undefined ? [] : readFileSync(path.join(group, 'cgroup.controllers'), 'utf8').trim().split(' ');

const group = makeGroup();
const parent = group ?? '';
const testGroup = testWhere(group !== undefined, 'needs a control group (version 2) that this user may change');
const testLimit = (controller: string): typeof testGroup =>
  testWhere(controllersOf(group).includes(controller), `needs a control group (version 2) with the controller ${controller}: AISOPOD_TEST_CGROUP`);

const groupsOf = (pid: number | undefined): string => readFileSync(`/proc/${pid!}/cgroup`, 'utf8');
const children = (): readonly string[] => readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

async function untilEmpty(): Promise<void> {
  while (children().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

afterAll(() => made.forEach((folder) => rmdirSync(folder)));

describe('the control group of a child', () => {
  testGroup('has the child from its start to its end, also a restarted one, and is removed', async () => {
    const host = await openIn('process', ['crasher'], { cgroup: parent, restart: { firstPauseMs: 0 } });
    const { pid } = host.plugin('crasher');
    const [name = ''] = children();
    expect(children()).toHaveLength(1);
    expect(groupsOf(pid)).toContain(`/${name}\n`);
    await expect(host.tool('worker').call({ fault: 'segv' })).rejects.toMatchObject({ code: expect.stringContaining('CRASHED') });
    while (host.plugin('crasher').pid === undefined || host.plugin('crasher').pid === pid) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(groupsOf(host.plugin('crasher').pid)).toContain(`/${path.basename(parent)}/`);
    await host.registry.shutdownAll();
    await untilEmpty();
  });

  testGroup('is removed with what the child started, and with the groups of a host that is gone', async () => {
    const { pid = 0 } = spawnSync('/bin/true');
    mkdirSync(path.join(parent, `aisopod-${pid}-0-0`));
    const own = new ChildCgroup(parent, {});
    expect(children()).toEqual([path.basename(own.path)]);
    await own.remove();
    expect(children()).toEqual([]);
    await own.remove();
  });

  testGroup('a missing controller: the plugin is refused with what there is', async () => {
    if (controllersOf(group).includes('memory')) return;
    const opening = openIn('process', ['good-c'], { cgroup: parent, limits: { memoryBytes: 1 << 30 } });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_CHILD_PROCESS', message: expect.stringContaining('it has no controller memory') });
    expect(children()).toEqual([]);
  });

  test('no control group at all', async () => {
    const opening = openIn('process', ['good-c'], { cgroup: path.join(temporaryFolder(), 'none') });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_CHILD_PROCESS', message: expect.stringContaining('control group') });
  });

  testLimit('memory')('memory: the crash names the limit, and the plugin is blamed', async () => {
    const host = await openIn('process', ['attacker'], { cgroup: parent, limits: { memoryBytes: 256 << 20 }, restart: { most: 0 } });
    const call = host.tool('attack').call({ attack: 'use 1 GiB' });
    await expect(call).rejects.toMatchObject({ message: expect.stringContaining('its memory limit of 256 MiB (processes.limits.memoryBytes)') });
  });

  testLimit('pids')('threads and processes', async () => {
    const host = await openIn('process', ['good-c'], { cgroup: parent, limits: { tasks: 100 } });
    expect(host.plugin('good-c').pid).toBeDefined();
    expect(readFileSync(path.join(parent, children()[0]!, 'pids.max'), 'utf8')).toBe('100\n');
    await host.registry.shutdownAll();
    await untilEmpty();
  });
});

test.each<[ResourceLimits, Readonly<Record<string, string>>]>([
  [{}, {}],
  [{ memoryBytes: Infinity, processors: Infinity, tasks: Infinity, openFiles: 300 }, {}],
  [{ memoryBytes: 1 << 30 }, { 'memory.max': '1073741824', 'memory.swap.max': '0', 'memory.oom.group': '1' }],
  [{ processors: 0.5 }, { 'cpu.max': '50000 100000' }],
  [{ processors: 3 }, { 'cpu.max': '300000 100000' }],
  [{ tasks: 100 }, { 'pids.max': '100' }],
])('what is written for %j', (limits, expected) => {
  expect(Object.assign({}, ...groupSettings(limits).map(({ files }) => files))).toEqual(expected);
});
