/** What the machine does to a child is no evidence against its plugin. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RisingCounter } from '../../../src/machine/shortages.js';
import type { CrashInfo } from '../../../src/isolation/supervisor/process-options.js';
import { RestartPolicy } from '../../../src/isolation/supervisor/restart-policy.js';
import { Quarantine } from '../../../src/quarantine/index.js';
import { open } from '../../host/host.js';
import { inCgroup } from '../../support/cgroup.js';
import { answerOf } from '../../support/child.js';
import { crash } from '../../support/crash.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { errorOf, recordOf, until } from '../../support/host.js';
import { openIn } from '../homes.js';

const RESTART = { firstPauseMs: 1, longestPauseMs: 20, most: 2 };
const whereKillsShow = testWhere(process.platform !== 'win32', 'Windows tells a killed process as an exit with code 1');

whereKillsShow('a SIGKILL that the host did not send is never counted: the plugin comes back each time, and the record names who can act', async () => {
  const crashes: CrashInfo[] = [];
  const host = await openIn('process', ['good-c'], { restart: RESTART, onCrash: (info) => void crashes.push(info) });
  const plugin = host.remote('good-c');
  for (let kill = 1; kill <= 5; kill++) {
    await until(() => plugin.state === 'active');
    process.kill(plugin.pid ?? 0, 'SIGKILL');
    await until(() => crashes.length === kill);
    if (plugin.state === 'restarting') expect(plugin.failure).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', machine: 'killed' });
  }
  await until(() => plugin.state === 'active');
  expect(plugin.failure).toBeUndefined();
  expect(crashes.map(({ machine, during }) => [machine, during])).toEqual(Array.from({ length: 5 }, () => ['killed', 'idle']));
  expect(recordOf(plugin)).toContain('The plugin is not blamed. Find out who sent the signal');
});

whereKillsShow('nor is one during a call, whose error says so', async () => {
  const host = await openIn('process', ['good-c'], { restart: RESTART });
  const plugin = host.remote('good-c');
  const call = errorOf(host.tool('pending').call({ ms: 20_000 }));
  process.kill(plugin.pid ?? 0, 'SIGKILL');
  expect(await call).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', machine: 'killed', hint: expect.stringContaining('The plugin is not blamed') });
});

test('a process that cannot be started again is tried until it can, and the plugin is not quarantined', async () => {
  const folder = temporaryFolder();
  const childEntry = path.join(folder, 'child.cjs');
  writeFileSync(childEntry, `require(${JSON.stringify(path.join(projectRoot, 'dist/isolation/child/main.js'))});`);
  const crashes: CrashInfo[] = [];
  const host = await openIn('process', ['good-c'], { childEntry, restart: RESTART, onCrash: (info) => void crashes.push(info) });
  const plugin = host.remote('good-c');
  renameSync(childEntry, `${childEntry}.away`);
  crash(plugin.pid ?? 0, 'SIGSEGV');
  await until(() => crashes.length >= 6);
  expect(crashes.slice(1).every(({ machine, during }) => machine === 'start' && during === 'start')).toBe(true);
  expect(plugin.failure).toMatchObject({ hint: expect.stringContaining('Node.js has not been moved or removed') });
  renameSync(`${childEntry}.away`, childEntry);
  await until(() => plugin.state === 'active');
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
});

const onPosix = testWhere(process.platform !== 'win32', 'Windows has no signals and no ulimit');

onPosix('a child that SIGTERM ends while Node boots, before it handles signals, is started again, and nobody is blamed', async () => {
  const folder = temporaryFolder();
  const [childEntry, booted, stateDir] = ['child.cjs', 'booted', 'state'].map((name) => path.join(folder, name)) as [string, string, string];
  const program = (then: string): void => writeFileSync(childEntry, `require('node:fs').writeFileSync(${JSON.stringify(booted)}, String(process.pid)); ${then}`);
  const main = `require(${JSON.stringify(path.join(projectRoot, 'dist/isolation/child/main.js'))});`;
  const wait = 'for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);';
  let last = 0;
  const terminateNext = async (signal: 'SIGTERM' | 'SIGSEGV' = 'SIGTERM'): Promise<void> => {
    await until(() => existsSync(booted) && ![0, last].includes(Number(readFileSync(booted, 'utf8'))));
    last = Number(readFileSync(booted, 'utf8'));
    process.kill(last, signal);
  };
  const crashes: CrashInfo[] = [];
  program(wait);
  const opening = open({ pluginDirs: [folderOf('good-c')], stateDir, isolation: 'process', processes: { childEntry, restart: RESTART, onCrash: (info) => void crashes.push(info) } });
  await terminateNext();
  const host = await opening;
  expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_CHILD_PROCESS' });
  program(main);
  await host.enable('good-c');
  program(wait);
  await terminateNext('SIGSEGV');
  for (let start = 1; start <= 5; start++) await terminateNext();
  await until(() => crashes.length >= 6);
  program(main);
  await terminateNext();
  await until(() => host.explain('good-c')?.state === 'active');
  expect([...new Set(crashes.slice(1).map(({ machine }) => machine))]).toEqual(['start']);
  expect(await new Quarantine({ stateDir }).list()).toEqual([]);
});

onPosix('no free descriptor, or a few, while a plugin is brought back: it is tried until it succeeds, nothing leaks, and nobody is blamed', async () => {
  const stateDir = path.join(temporaryFolder(), 'state');
  const script = `
    const fs = require('node:fs');
    const crashes = [];
    const host = await aisopod.PluginHost.open({
      hostVersion: '1.0.0', pluginDirs: [${JSON.stringify(folderOf('good-c'))}], stateDir: ${JSON.stringify(stateDir)}, dataDir: ${JSON.stringify(`${stateDir}-data`)},
      processes: { restart: { firstPauseMs: 1, longestPauseMs: 20 }, onCrash: (crash) => crashes.push(crash) },
    });
    const until = async (holds) => { while (!holds()) await pause(5); };
    const state = () => host.report()[0].state;
    const children = () => fs.readFileSync('/proc/' + process.pid + '/task/' + process.pid + '/children', 'utf8').trim().split(' ').filter(Boolean).map(Number);
    const open = () => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    const failed = [];
    for (let room = 0; room <= 9; room++) {
      const [pid] = children();
      const taken = [];
      try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {}
      for (const fd of taken.splice(0, room)) fs.closeSync(fd);
      const had = crashes.length;
      process.kill(pid, 'SIGKILL'); // its own descriptors are free for its next start
      await until(() => crashes.length >= had + 4 || (crashes.length > had && state() === 'active'));
      failed.push(crashes.length - had - 1);
      for (const fd of taken) fs.closeSync(fd);
      await until(() => state() !== 'restarting');
      if (state() !== 'active') break;
    }
    const echo = await host.find('tool', 'echo').call({ a: 1 }).catch(String);
    console.log(JSON.stringify({ state: state(), message: host.report()[0].message, leaked: open() - before, failed, machine: [...new Set(crashes.map(({ machine }) => machine ?? 'plugin'))].sort(), echo }));
    await host.close();`;
  const { failed, ...seen } = (await answerOf(script, { before: 'ulimit -n 128' })) as { failed: number[] } & Record<string, unknown>;
  expect(seen).toEqual({ state: 'active', leaked: 0, machine: ['killed', 'start'], echo: { a: 1 } });
  expect(failed[0]).toBeGreaterThan(0);
  expect(await new Quarantine({ stateDir }).list()).toEqual([]);
});

test('crashes still count: those of the plugin among those of the machine', () => {
  const policy = new RestartPolicy<string>({ firstPauseMs: 1, most: 1 });
  for (let at = 0; at < 20; at++) expect(policy.next('machine', at, false)).toBeDefined();
  expect(policy.next('first', 20)).toBeDefined();
  expect(policy.next('machine', 21, false)).toBeDefined();
  expect(policy.next('second', 22)).toBeUndefined();
  expect(policy.crashes).toEqual(['first', 'second']);
});

test("a counter of the kernel's is news for a while after it has risen", () => {
  const state = { count: 5 as number | undefined, now: 0 };
  const counter = new RisingCounter(() => state.count, () => state.now);
  counter.look();
  expect(counter.hasRisen()).toBe(false);
  state.count = 6;
  expect(counter.hasRisen()).toBe(true);
  state.now = 5000;
  expect(counter.hasRisen()).toBe(true);
  state.now = 60_000;
  expect(counter.hasRisen()).toBe(false);
  state.count = undefined;
  expect(counter.hasRisen()).toBe(false);
});

/** A host in its own cgroup, with plugins in children; `children()` are the pids of these. */
const hostIn = (folder: string, stateDir: string): string => `
  const fs = require('node:fs');
  const cgroup = ${JSON.stringify(folder)};
  const set = (file, value) => fs.writeFileSync(cgroup + '/' + file, String(value));
  const get = (file) => fs.readFileSync(cgroup + '/' + file, 'utf8');
  set('cgroup.procs', process.pid);
  const crashes = [];
  const until = async (holds) => { while (!holds()) await pause(5); };
  const host = await aisopod.PluginHost.open({
    hostVersion: '1.0.0', pluginDirs: [${JSON.stringify('PLUGINS')}], stateDir: ${JSON.stringify(stateDir)}, dataDir: ${JSON.stringify(`${stateDir}-data`)},
    processes: { restart: { firstPauseMs: 1, longestPauseMs: 100 }, onCrash: (crash) => crashes.push(crash) },
  });
  const states = () => host.report().map(({ state }) => state);
  const children = () => fs.readFileSync('/proc/' + process.pid + '/task/' + process.pid + '/children', 'utf8').trim().split(' ').filter(Boolean).map(Number);
`;

describe('in a cgroup', () => {
  inCgroup('pids', 'a limit of threads blames nobody, and all come back when it is raised', async (folder) => {
    const stateDir = path.join(temporaryFolder(), 'state');
    const script = `
      ${hostIn(folder, stateDir).replace('PLUGINS', folderOf('good-c'))}
      for (const room of [6, 8, 9, 11]) { // a child has 12 threads
        await until(() => states()[0] === 'active');
        const before = crashes.length;
        const [pid] = children();
        const threads = fs.readdirSync('/proc/' + pid + '/task').length;
        set('pids.max', Number(get('pids.current')) - threads + room);
        process.kill(pid, 'SIGKILL');
        await until(() => crashes.length >= before + 7);
        set('pids.max', 'max');
      }
      await until(() => states()[0] === 'active');
      console.log(JSON.stringify([states(), [...new Set(crashes.map(({ machine }) => machine ?? 'plugin'))].sort()]));
      await host.close();`;
    const [states, machine] = (await answerOf(script)) as [string[], string[]];
    expect(states).toEqual(['active']);
    expect(machine).not.toContain('plugin');
    expect(await new Quarantine({ stateDir }).list()).toEqual([]);
  });

  inCgroup('memory', "another process's memory blames no idle plugin", async (folder) => {
    const stateDir = path.join(temporaryFolder(), 'state');
    const script = `
      ${hostIn(folder, stateDir).replace('PLUGINS', folderOf('good-c', 'good-cpp'))}
      set('memory.limit_in_bytes', Number(get('memory.usage_in_bytes')) + (120 << 20));
      // The kernel weighs size and oom_score_adj: it takes a child first (500), then one of these (200), then this host.
      const take = 'require("fs").writeFileSync("/proc/self/oom_score_adj", "200"); globalThis.taken = Buffer.alloc(30 << 20, 1); setInterval(() => 0, 1000);';
      const takers = new Set();
      const start = () => {
        const taker = require('node:child_process').spawn(process.execPath, ['-e', take]);
        takers.add(taker);
        taker.on('exit', () => { takers.delete(taker); if (crashes.length < 8) start(); });
      };
      for (let taker = 0; taker < 5; taker++) start();
      await until(() => crashes.length >= 8);
      set('memory.limit_in_bytes', -1);
      for (const taker of takers) taker.kill('SIGKILL');
      await until(() => states().every((state) => state === 'active'));
      console.log(JSON.stringify([...new Set(crashes.map(({ machine }) => machine ?? 'plugin'))].sort()));
      await host.close();`;
    const causes = (await answerOf(script)) as string[];
    expect(causes).toContain('memory');
    expect(causes).not.toContain('plugin');
    expect(await new Quarantine({ stateDir }).list()).toEqual([]);
  });
});
