import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { CrashMarkers, Quarantine, type MarkedPlugin } from '../../src/quarantine/index.js';
import { PluginHost } from '../../src/host/plugin-host.js';
import { keepingLogger } from '../host/host.js';
import { inCgroup } from '../support/cgroup.js';
import { fixtureDir, isWine, temporaryFolder, testWhere } from '../support/fixtures.js';
import { onWindows } from '../support/hold-file.js';
import { onLinux, onPosix } from '../trust/plugin.js';
import { hostInConstructor, hostInInit, runHost, startHost } from './dying-host.js';
import { KEY, filesOf, modeOf } from './state.js';

const isWindows = process.platform === 'win32';
const crasher = { pluginId: 'crasher', path: fixtureDir('crasher') };
const MARKED: MarkedPlugin = { key: KEY, pluginId: 'weather', path: '/plugins/weather' };

async function isNamed(fault: string, step: string): Promise<void> {
  const stateDir = temporaryFolder();
  await runHost(stateDir, fault);
  expect(await new CrashMarkers({ stateDir }).takeInterrupted()).toEqual([
    { ...crasher, key: expect.stringMatching(/^[0-9a-f]{64}$/), step, at: expect.any(Number) },
  ]);
  expect(await new CrashMarkers({ stateDir }).takeInterrupted()).toEqual([]);
}

describe('a plugin that takes the host down is named at the next start', () => {
  /** How hosts end. */
  const ENDS: readonly (readonly [fault: string, step: string])[] = [
    // Windows fails the load instead: see below.
    ...(isWindows ? [] : [['constructor:segv', 'open'] as const]),
    ['create:segv', 'create'],
    ['register:segv', 'register'],
    ['init:segv', 'init'],
    ['shutdown:segv', 'shutdown'],
    ['constructor:exit', 'open'],
    ['constructor:abort', 'open'],
    ['init:_exit', 'init'],
    ['init:abort', 'init'],
    ['init:throw', 'init'],
    ['init:stack', 'init'],
  ];
  for (const [fault, step] of ENDS) {
    const isSkipped = isWine && fault === 'init:stack';
    testWhere(!isSkipped, 'wine: a stack overflow ends the thread alone')(`${fault}: during ${step}`, () => isNamed(fault, step));
  }

  onWindows('Windows: a library that crashes in its constructor is not loaded, the host goes on, and nobody is blamed', async () => {
    const stateDir = temporaryFolder();
    const { code, stdout } = await runHost(stateDir, 'constructor:segv');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { refusal: { code: 'ERR_LIBRARY_LOAD' } }]);
    expect(await interruptedIn(stateDir)).toEqual([]);
  });

  // There Node's destructors may wait, on that thread, for others, until the step is refused as one that hangs.
  testWhere(mappedLibc()?.flavour !== 'musl', 'with musl exit() on a thread may hang, and init is refused after its time')('init:exit: during init', () => isNamed('init:exit', 'init'));

  test('and stays away until it is released; then its bytes have another chance', async () => {
    const stateDir = temporaryFolder();
    await runHost(stateDir, 'init:segv');
    const second = await runHost(stateDir, 'init:segv');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(second.stdout)).toMatchObject({
      blamed: [{ ...crasher, step: 'init' }],
      refusal: { code: 'ERR_QUARANTINED', ...crasher, during: 'init', count: 1, signal: null, exitCode: null },
    });
    const third = await runHost(stateDir, 'init:segv');
    expect(JSON.parse(third.stdout)).toMatchObject({ blamed: [], refusal: { code: 'ERR_QUARANTINED', count: 1 } });
    expect(await new Quarantine({ stateDir }).release('crasher')).toHaveLength(1);
    const fourth = await runHost(stateDir);
    expect(JSON.parse(fourth.stdout)).toEqual({ blamed: [], refusal: null });
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
  });
});

const interruptedIn = (stateDir: string) => new CrashMarkers({ stateDir }).takeInterrupted();

describe('nobody is blamed', () => {
  test('while the host lives', async () => {
    const stateDir = temporaryFolder();
    const host = await hostInInit(stateDir);
    expect(await interruptedIn(stateDir)).toEqual([]);
    await host.kill();
    expect(await interruptedIn(stateDir)).toMatchObject([{ ...crasher, step: 'init' }]);
  });

  test('for a host that was killed when it was idle', async () => {
    const stateDir = temporaryFolder();
    const host = startHost(stateDir);
    expect(await host.next()).toBe('up');
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
    await host.kill();
    expect(await interruptedIn(stateDir)).toEqual([]);
  });

  onPosix('for a host that was asked to end', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const stateDir = temporaryFolder();
      const host = await hostInInit(stateDir);
      process.kill(host.pid, signal);
      expect(await host.end()).toBe(null);
      expect(await interruptedIn(stateDir)).toEqual([]);
    }
  });

  test('for a host that ends itself, or falls over its own error', async () => {
    for (const end of ['process.exit()', "throw new Error('of the host')"]) {
      const stateDir = temporaryFolder();
      const mute = "require('node:fs').closeSync(2); require('node:fs').openSync(require('node:os').devNull, 'w');";
      const first = `${mute} process.stdin.once('data', () => { ${end}; });`;
      const host = await hostInInit(stateDir, first);
      host.tell();
      await host.end();
      expect(await interruptedIn(stateDir)).toEqual([]);
    }
  });

  onPosix('by a host that listens for signals itself, until it has ended', async () => {
    const stateDir = temporaryFolder();
    const host = await hostInInit(stateDir, "process.on('SIGTERM', () => { say('heard'); process.once('SIGINT', () => process.exit(5)); })");
    process.kill(host.pid, 'SIGTERM');
    expect(await host.next()).toBe('heard');
    expect(filesOf(stateDir, 'in-process')).toHaveLength(1);
    process.kill(host.pid, 'SIGINT');
    expect(await host.end()).toBe(5);
    expect(await interruptedIn(stateDir)).toEqual([]);
  });

  onLinux('for steps from before the machine was started again', async () => {
    const stateDir = temporaryFolder();
    await runHost(stateDir, 'init:segv');
    const [name = ''] = filesOf(stateDir, 'in-process');
    const file = path.join(stateDir, 'in-process', name);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { boot: string };
    expect(record.boot).toMatch(/^[0-9a-f-]{36}$/);
    writeFileSync(file, JSON.stringify({ ...record, boot: 'another' }));
    expect(await interruptedIn(stateDir)).toEqual([]);
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
  });

  /** A host in a cgroup that ends in init of its plugin, when it is told, by running `end`. */
  const endInCgroup = async (folder: string, end: string): Promise<string> => {
    const stateDir = temporaryFolder();
    const join = `
      const set = (file, value) => require('node:fs').writeFileSync(${JSON.stringify(folder)} + '/' + file, String(value));
      const get = (file) => Number(require('node:fs').readFileSync(${JSON.stringify(folder)} + '/' + file, 'utf8'));
      set('cgroup.procs', process.pid);
      process.stdin.once('data', () => { ${end} });
    `;
    const host = await hostInInit(stateDir, join);
    host.tell();
    expect(await host.end()).toBe(null);
    return stateDir;
  };

  const openNext = async (stateDir: string): Promise<readonly string[]> => {
    const { lines, logger } = keepingLogger();
    const host = await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [], stateDir, logger });
    await host.close();
    expect(await new Quarantine({ stateDir }).list()).toEqual([]);
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
    return lines.map(({ message }) => message);
  };

  inCgroup('memory', 'for a host that the kernel killed for its memory', async (folder) => {
    const takeAll = "set('memory.limit_in_bytes', get('memory.usage_in_bytes') + (20 << 20)); for (globalThis.taken = []; ;) taken.push(Buffer.alloc(4 << 20, 1));";
    const stateDir = await endInCgroup(folder, takeAll);
    expect(await openNext(stateDir)).toContain('a host ended suddenly during init of this plugin, while the system ran out of memory: the plugin is not blamed');
  });

  inCgroup('pids', 'for a host that ended when the system had allowed it no more threads', async (folder) => {
    const fail = "set('pids.max', 1); try { require('node:child_process').spawnSync(process.execPath); } finally { process.kill(process.pid, 'SIGSEGV'); }";
    const stateDir = await endInCgroup(folder, fail);
    expect(await openNext(stateDir)).toContain('a host ended suddenly during init of this plugin, while the system ran out of threads: the plugin is not blamed');
  });

  test('by what is no record, and it goes', async () => {
    const stateDir = temporaryFolder();
    await runHost(stateDir, 'init:segv');
    const folder = path.join(stateDir, 'in-process');
    const [name = ''] = filesOf(stateDir, 'in-process');
    const record = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as object;
    const damaged = ['', '{', JSON.stringify({ ...record, step: 'dance' }), JSON.stringify({ ...record, key: '../key' }), ' '.repeat(20_000)];
    const counter = { of: 'memory', file: '/sys/fs/cgroup/../../tmp/pipe', key: 'oom_kill', inode: 1, count: 1 };
    damaged.push(JSON.stringify({ ...record, shortages: [counter] }), `${JSON.stringify(record)}${' '.repeat(1 << 20)}`);
    damaged.forEach((text, index) => writeFileSync(path.join(folder, name.replace(/.\.json$/, `${index}.json`)), text, { mode: 0o600 }));
    const own = name.replace(/.\.json$/, 'f.json');
    writeFileSync(path.join(folder, own), JSON.stringify(record), { mode: 0o600 });
    expect(await interruptedIn(stateDir)).toContainEqual(expect.objectContaining({ step: 'init' }));
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
  });
});

onPosix('a named pipe and a folder in the place of markers blame nobody, and do not hide a marker', async () => {
  const stateDir = temporaryFolder();
  await runHost(stateDir, 'init:segv');
  const folder = path.join(stateDir, 'in-process');
  const [name = ''] = filesOf(stateDir, 'in-process');
  const [pipe, directory] = ['0', '1'].map((end) => name.replace(/..\.json$/, `-${end}.json`)) as [string, string];
  execFileSync('mkfifo', ['-m', '600', path.join(folder, pipe)]);
  mkdirSync(path.join(folder, directory));
  expect(await interruptedIn(stateDir)).toMatchObject([{ ...crasher, step: 'init' }]);
  expect(filesOf(stateDir, 'in-process')).toEqual([directory]);
});

onPosix('Ctrl-C ends a host whose main thread hangs in a constructor, and that counts', async () => {
  const stateDir = temporaryFolder();
  const host = await hostInConstructor(stateDir);
  process.kill(host.pid, 'SIGINT');
  expect(await host.end()).toBe(null);
  expect(await interruptedIn(stateDir)).toMatchObject([{ ...crasher, step: 'open' }]);
});

onLinux('a process with the number of the one that died is not taken for it', async () => {
  const stateDir = temporaryFolder();
  await runHost(stateDir, 'init:segv');
  const folder = path.join(stateDir, 'in-process');
  const [name = ''] = filesOf(stateDir, 'in-process');
  renameSync(path.join(folder, name), path.join(folder, name.replace(/^\d+/, String(process.pid))));
  expect(await interruptedIn(stateDir)).toMatchObject([{ step: 'init' }]);
});

test('of hosts that start at once, one counts the crash', async () => {
  const stateDir = temporaryFolder();
  await runHost(stateDir, 'init:segv');
  const hosts = [1, 2, 3].map(() => startHost(stateDir));
  for (const host of hosts) expect(await host.next()).toBe('up');
  for (const host of hosts) host.tell();
  for (const host of hosts) expect(await host.end()).toBe(0);
  expect(await new Quarantine({ stateDir }).list()).toMatchObject([{ pluginId: 'crasher', count: 1, during: 'init' }]);
});

describe('a step', () => {
  test('gives what it gives, throws what it throws, and leaves no file and no listener', async () => {
    const stateDir = temporaryFolder();
    const markers = new CrashMarkers({ stateDir });
    const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal));
    const before = listeners();
    let files: string[] = [];
    const result = await markers.run(MARKED, 'create', async () => {
      files = filesOf(stateDir, 'in-process');
      return Promise.resolve(7);
    });
    expect([result, files.length]).toEqual([7, 1]);
    const thrown = new Error('its own');
    await expect(markers.run(MARKED, 'create', () => Promise.reject(thrown))).rejects.toBe(thrown);
    await expect(markers.run(MARKED, 'create', () => { throw thrown; })).rejects.toBe(thrown);
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
    expect(listeners()).toEqual(before);
  });

  onPosix('has its file only while a request to end is listened for', async () => {
    const stateDir = temporaryFolder();
    const filesWhen: Record<string, number> = {};
    const note = (event: string) => (signal: string): void => {
      if (signal === 'SIGHUP') filesWhen[event] = filesOf(stateDir, 'in-process').length;
    };
    const [onNew, onRemoved] = [note('begun'), note('over')];
    process.on('newListener', onNew).on('removeListener', onRemoved);
    try {
      await new CrashMarkers({ stateDir }).run(MARKED, 'init', () => (filesWhen.inside = filesOf(stateDir, 'in-process').length));
    } finally {
      process.off('newListener', onNew).off('removeListener', onRemoved);
    }
    expect(filesWhen).toEqual({ begun: 0, inside: 1, over: 0 });
  });

  test('at the same time as others has a file of its own', async () => {
    const stateDir = temporaryFolder();
    const markers = new CrashMarkers({ stateDir });
    let finish = (): void => undefined;
    const slow = markers.run(MARKED, 'init', () => new Promise<void>((resolve) => (finish = resolve)));
    await markers.run({ ...MARKED, pluginId: 'other' }, 'open', () => undefined);
    expect(filesOf(stateDir, 'in-process')).toHaveLength(1);
    finish();
    await slow;
    expect(filesOf(stateDir, 'in-process')).toEqual([]);
  });

  onPosix('has a file that nobody else can read', async () => {
    const stateDir = path.join(temporaryFolder(), 'state');
    const modes = await new CrashMarkers({ stateDir }).run(MARKED, 'init', () => {
      const [name = ''] = filesOf(stateDir, 'in-process');
      return [stateDir, path.join(stateDir, 'in-process'), path.join(stateDir, 'in-process', name)].map(modeOf);
    });
    expect(modes).toEqual(['700', '700', '600']);
  });

  test('runs where its file cannot be written, which is said once', async () => {
    const stateDir = temporaryFolder();
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(path.join(stateDir, 'in-process'), '');
    const { lines, logger } = keepingLogger();
    const markers = new CrashMarkers({ stateDir, logger });
    expect(await markers.run(MARKED, 'init', () => 1)).toBe(1);
    expect(await markers.run(MARKED, 'init', () => 2)).toBe(2);
    expect(lines).toMatchObject([{ level: 'warn' }]);
  });
});
