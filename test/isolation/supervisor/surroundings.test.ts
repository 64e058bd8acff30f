import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { childEnvironment } from '../../../src/isolation/supervisor/environment.js';
import { inWorker, runChild } from '../../support/child.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { openIn } from '../homes.js';

const testLinux = testWhere(process.platform === 'linux', 'no /proc');

/** What the system shows of a process. */
const environmentOf = (pid: number): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean).sort();
const argumentsOf = (pid: number): string[] => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
const descriptorsOf = (pid: number): Map<number, string> =>
  new Map(readdirSync(`/proc/${pid}/fd`).map((fd) => [Number(fd), targetOf(`/proc/${pid}/fd/${fd}`)]));

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ''; // closed meanwhile, as that which read the folder
  }
}

describe('the environment of a child', () => {
  test('has what the host allows, and nothing else of the host', () => {
    process.env.AISOPOD_TEST_API_KEY = 'secret';
    process.env.AISOPOD_TEST_WANTED = 'wanted';
    process.env.LC_TEST = 'locale';
    const env = childEnvironment({ inheritEnv: ['AISOPOD_TEST_WANTED', 'NODE_OPTIONS'], env: { OWN: 'own' } });
    expect(env).toMatchObject({ PATH: process.env.PATH, LC_TEST: 'locale', AISOPOD_TEST_WANTED: 'wanted', OWN: 'own' });
    expect(env).not.toHaveProperty('AISOPOD_TEST_API_KEY');
    expect(env).not.toHaveProperty('NODE_OPTIONS');
    expect(env).not.toHaveProperty('UV_THREADPOOL_SIZE');
  });

  testLinux('is what the process really has; so are its arguments', async () => {
    process.env.AISOPOD_TEST_API_KEY = 'secret';
    const host = await openIn('process', ['good-c'], { env: { OWN: 'own' } });
    const { pid = 0 } = host.remote('good-c');
    const env = environmentOf(pid);
    expect(env).toContain('OWN=own');
    expect(env.join('\n')).not.toMatch(/secret|NODE_OPTIONS|JEST/);
    expect(argumentsOf(pid).filter((argument) => argument.startsWith('--'))).toEqual([]);
  });
});

testLinux('a child has no descriptor of the host but its own three ways out; those from 3 to 11 are nothing', async () => {
  const host = await openIn('process', ['good-c']);
  const descriptors = descriptorsOf(host.remote('good-c').pid ?? 0);
  for (const fd of [0, 3, 4, 5, 6, 7, 8, 9, 10, 11]) expect(descriptors.get(fd)).toBe('/dev/null');
  const ours = new Set([...descriptorsOf(process.pid).values()].filter((target) => /^(socket|pipe):/.test(target)));
  expect([...descriptors.values()].filter((target) => ours.has(target))).toEqual([]);
  expect(descriptors.get(12)).toMatch(/^socket:/);
});

test('a child loads koffi and nothing else that is not of this package', () => {
  const program = `require(${JSON.stringify(path.join(projectRoot, 'build/modules/isolation/child/session.js'))});
    const installed = Object.keys(require.cache).filter((file) => file.includes('node_modules'));
    console.log(JSON.stringify([...new Set(installed.map((file) => file.split(/[\\\\/]/).slice(file.split(/[\\\\/]/).lastIndexOf('node_modules') + 1)[0]))]));`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  const packages = JSON.parse(stdout) as string[];
  expect(packages).toContain('koffi');
  expect(packages.filter((name) => name !== 'koffi' && !name.startsWith('@koromix'))).toEqual([]);
});

testLinux('the kernel is to take a child before the host; the child leads a group of its own', async () => {
  const host = await openIn('process', ['good-c']);
  const { pid = 0 } = host.remote('good-c');
  expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('500');
  const group = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
  expect(Number(group)).toBe(pid);
});

testLinux('with a memory limit the plugin that takes too much ends, and the error says so', async () => {
  const host = await openIn('process', ['crasher'], { memoryLimitBytes: 256 << 20, restart: { firstPauseMs: 20 } });
  const limits = readFileSync(`/proc/${host.remote('crasher').pid ?? 0}/limits`, 'utf8');
  expect(limits).toMatch(/^Max data size +\d+ /m);
  const error = (await host.tool('worker').call({ fault: 'memory' }).catch((thrown: unknown) => thrown)) as { code?: string };
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'crasher', capability: 'tool worker' });
  expect(await host.tool('worker').call({ fault: 'none' })).toEqual({ survived: true });
});

test('memory that the system does not limit is looked at, and the error says so', async () => {
  const host = await openIn('process', ['crasher'], { memoryLimitBytes: 64 << 20, restart: { most: 0 } });
  const error = (await host.tool('worker').call({ fault: 'shared-memory' }).catch((thrown: unknown) => thrown)) as { reason?: string };
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'crasher', signal: 'SIGKILL' });
  expect(error.reason).toMatch(/^was killed by the host: it took \d+ MiB of memory, more than its limit$/);
});

describe('a system that lacks what most have', () => {
  const canUnmount = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
  const testUnmounted = testWhere(canUnmount, 'needs root on Linux, and unshare');

  type ProcessOptions = NonNullable<PluginHostOptions['processes']>;

  interface Outcome {
    readonly isThere: boolean;
    readonly state: string;
    readonly code?: string;
    readonly message?: string;
    readonly hint?: string;
  }

  /** Opens a host of `home` where `prepare`, a shell command, has changed what is mounted. `file` is looked for there. */
  function openAfter(prepare: string, file: string, home: 'in-process' | 'process', processes: ProcessOptions = {}): Outcome {
    const folder = temporaryFolder();
    const options = {
      hostVersion: '1.0.0',
      pluginDirs: [folderOf('good-c')],
      dataDir: path.join(folder, 'data'),
      cacheDir: path.join(folder, 'cache'),
      stateDir: path.join(folder, 'state'),
      isolation: home,
      processes,
    };
    const program = `const { PluginHost } = require(${JSON.stringify(path.join(projectRoot, 'dist/index.js'))});
      PluginHost.open(${JSON.stringify(options)}).then(async (host) => {
        const [{ state, code, message, hint }] = host.report();
        const isThere = require('node:fs').existsSync(${JSON.stringify(file)});
        console.log(JSON.stringify({ isThere, state, code, message, hint }));
        await host.close();
      });`;
    const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', `${prepare} && exec "$0" -e "$1"`, process.execPath, program], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (status !== 0) throw new Error(`the host ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as Outcome;
  }

  for (const home of ['in-process', 'process'] as const) {
    testUnmounted(`without /proc a plugin works (${home})`, () => {
      expect(openAfter('umount -l /proc', '/proc/self', home)).toEqual({ isThere: false, state: 'active' });
    });

    testUnmounted(`without /dev/fd a plugin works (${home})`, () => {
      const prepare = 'mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3';
      expect(openAfter(prepare, '/dev/fd', home)).toEqual({ isThere: false, state: 'active' });
    });
  }

  testUnmounted('without /proc a memory limit cannot be kept: the plugin is refused, and the error says so', () => {
    const outcome = openAfter('umount -l /proc', '/proc/self', 'process', { memoryLimitBytes: 256 << 20 });
    expect(outcome).toEqual({
      isThere: false,
      state: 'refused',
      code: 'ERR_CHILD_PROCESS',
      message: 'plugin good-c: its process could not be started: it cannot enforce its memory limit: this system does not report memory use (/proc is not mounted)',
      hint: 'Mount /proc where the host runs, or leave out processes.memoryLimitBytes.',
    });
  });

  testUnmounted('without /dev/null a plugin works in-process', () => {
    expect(openAfter('mount -t tmpfs tmpfs /dev', '/dev/null', 'in-process')).toEqual({ isThere: false, state: 'active' });
  });

  testUnmounted('without /dev/null a child is refused, and the error says what is missing', () => {
    const outcome = openAfter('mount -t tmpfs tmpfs /dev', '/dev/null', 'process');
    expect(outcome).toMatchObject({ isThere: false, state: 'refused', code: 'ERR_CHILD_PROCESS' });
    expect(outcome.message).toContain('/dev/null');
    expect(outcome.hint).toBe('A child needs /dev/null: provide it where the host runs.');
  });
});

test('a host in a Worker prints no warning', async () => {
  const own = temporaryFolder();
  const folders = JSON.stringify({ pluginDirs: [folderOf('good-c')], dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state') });
  const { stdout, stderr } = await runChild(inWorker(`
    const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', ...${folders} });
    console.log(JSON.stringify(await host.find('tool', 'echo').call({ a: 1 })));
    await host.close();`));
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '{"a":1}', stderr: '' });
});
