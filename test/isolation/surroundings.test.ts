import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { childEnvironment } from '../../src/isolation/child-environment.js';
import { projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
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

describe('the host may be run', () => {
  const helper = JSON.stringify(path.join(projectRoot, 'test/isolation/process-host.cjs'));
  const commonJs = `const { openProcesses } = require(${helper}); (async () => {
    const { tool, plugins, registry } = await openProcesses(['good-c']);
    const answer = await tool('echo').call({ a: 1 });
    await registry.shutdownAll();
    console.log(JSON.stringify({ answer, state: plugins[0].state }));
  })();`;
  const run = (args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...options, env: { ...process.env, NODE_OPTIONS: '', ...options.env } });
    return { status, answer: stdout.trim(), stderr };
  };
  const FINE = { status: 0, answer: JSON.stringify({ answer: { a: 1 }, state: 'retired' }) };
  const scriptIn = (folder: string): string => {
    const file = path.join(folder, 'host.cjs');
    writeFileSync(file, commonJs);
    return file;
  };

  test('from CommonJS, in another folder', () => {
    const folder = temporaryFolder();
    expect(run([scriptIn(folder)], { cwd: folder })).toMatchObject(FINE);
  });

  test("with flags of Node's own, which are not the child's", () => {
    const args = ['--expose-gc', '--max-old-space-size=200', '--stack-trace-limit=5', scriptIn(temporaryFolder())];
    expect(run(args, { env: { NODE_OPTIONS: '--no-deprecation --max-semi-space-size=1' } })).toMatchObject(FINE);
  });

  test('with a loader of other languages, as tsx is', () => {
    const register = `data:text/javascript,import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent('export async function load(url, context, next) { return next(url, context); }')}');`;
    expect(run(['--import', register, scriptIn(temporaryFolder())])).toMatchObject(FINE);
  });

  test('from a bundle: childEntry names the program, or the error says so', () => {
    const folder = temporaryFolder();
    const code = path.join(folder, 'node_modules/bundled');
    mkdirSync(code, { recursive: true });
    // As a bundler leaves it: the code of the host at another place than the program of the child.
    const source = readFileSync(path.join(projectRoot, 'dist/isolation/child-entry.js'), 'utf8').replaceAll('"../', `"${path.join(projectRoot, 'dist')}/`);
    writeFileSync(path.join(code, 'index.js'), source);
    const script = `const { childEntry } = require(${JSON.stringify(code)}); try { console.log(childEntry(process.argv[1])); } catch (error) { console.log(error.code, error.hint); }`;
    expect(run(['-e', script], { cwd: folder }).answer).toBe(
      'ERR_CHILD_PROCESS Where the host is a bundle, give childEntry: the path of dist/isolation/child/main.js of aisopod-plugin.',
    );
    expect(run(['-e', script, '/given/main.js'], { cwd: folder }).answer).toBe('/given/main.js');
    expect(run(['-e', script], { cwd: projectRoot }).answer).toBe(path.join(projectRoot, 'dist/isolation/child/main.js'));
  });
});
