import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { childEnvironment } from '../../src/isolation/child-environment.js';
import { projectRoot, testWhere } from '../support/fixtures.js';
import { openIn } from './homes.js';

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
    const env = childEnvironment({ inheritEnv: ['AISOPOD_TEST_WANTED', 'NODE_OPTIONS'], env: { OWN: 'own' } }, 16);
    expect(env).toMatchObject({ PATH: process.env.PATH, LC_TEST: 'locale', AISOPOD_TEST_WANTED: 'wanted', OWN: 'own', UV_THREADPOOL_SIZE: '16' });
    expect(env).not.toHaveProperty('AISOPOD_TEST_API_KEY');
    expect(env).not.toHaveProperty('NODE_OPTIONS');
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
  const program = `require(${JSON.stringify(path.join(projectRoot, 'dist/isolation/child/session.js'))});
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
