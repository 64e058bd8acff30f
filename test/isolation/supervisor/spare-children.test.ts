/** Children that start while the host still reads the files of the plugins. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ProcessLoader } from '../../../src/isolation/proxy/process-loader.js';
import { open } from '../../host/host.js';
import type { LoadRequest } from '../../../src/loader/load-plugin.js';
import { NO_GRANTS } from '../../../src/isolation/sandbox/grants.js';
import type { Candidate } from '../../../src/scan/index.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { candidateOf, loaderOf, until } from '../../support/host.js';
import { linuxSandbox } from '../sandbox/linux-sandbox.js';
import { isAlive } from '../alive.js';

/** A child's program that also writes down its process id. */
function recordingEntry(): { readonly childEntry: string; readonly started: () => readonly number[] } {
  const folder = temporaryFolder();
  const [childEntry, log] = [path.join(folder, 'child.cjs'), path.join(folder, 'pids')];
  writeFileSync(log, '');
  const main = path.join(projectRoot, 'dist/isolation/child/main.js');
  writeFileSync(childEntry, `require('node:fs').appendFileSync(${JSON.stringify(log)}, process.pid + '\\n');\nrequire(${JSON.stringify(main)});\n`);
  return { childEntry, started: () => readFileSync(log, 'utf8').split('\n').filter(Boolean).map(Number) };
}

async function loadAhead(before: (pid: number) => Promise<void>) {
  const { childEntry, started } = recordingEntry();
  const loader = new ProcessLoader({ hostVersion: '1.0.0', childEntry });
  loader.startAhead(['plain']);
  await until(() => started().length === 1);
  const [pid = 0] = started();
  await before(pid);
  const plugin = await loader.loadPlugin(await candidateOf(loaderOf({}), 'good-c'));
  return { plugin, pid, started };
}

test('a plugin takes the process that was started ahead of it', async () => {
  const { plugin, pid, started } = await loadAhead(() => Promise.resolve());
  expect(plugin.pid).toBe(pid);
  expect(started()).toEqual([pid]);
  await plugin[Symbol.asyncDispose]();
  await until(() => !isAlive(pid));
});

const whereKillsShow = testWhere(process.platform !== 'win32', 'Windows tells a killed process as an exit with code 1, as of a child that cannot start');

whereKillsShow('one that has ended meanwhile is replaced', async () => {
  const { plugin, pid, started } = await loadAhead(async (spare) => {
    process.kill(spare, 'SIGKILL');
    await until(() => !isAlive(spare));
  });
  expect(plugin.pid).not.toBe(pid);
  expect(started()).toEqual([pid, plugin.pid]);
  await plugin[Symbol.asyncDispose]();
});

test('one that no plugin takes is ended before the host is open, and is no crash', async () => {
  const { childEntry, started } = recordingEntry();
  const crashes: unknown[] = [];
  const processes = { childEntry, onCrash: (crash: unknown) => void crashes.push(crash) };
  const host = await open({ isolation: 'process', pluginDirs: [folderOf('bad-abi-note')], processes });
  expect(host.report()).toMatchObject([{ state: 'refused' }]);
  expect(started().filter(isAlive)).toEqual([]);
  expect(crashes).toEqual([]);
});

test('a start that fails ahead of its plugin refuses that plugin', async () => {
  const processes = { childEntry: path.join(temporaryFolder(), 'missing.cjs') };
  const host = await open({ isolation: 'process', pluginDirs: [folderOf('good-c')], processes });
  expect(host.report()).toMatchObject([{ state: 'refused', code: 'ERR_CHILD_PROCESS' }]);
});

test('a host opens although its only plugin is refused and nothing else keeps its process running', () => {
  const program = `
    const { PluginHost } = require(process.argv[1]);
    const [pluginDir, own] = process.argv.slice(2);
    const options = { pluginDirs: [pluginDir], hostVersion: '1.0.0', dataDir: own + '/data', stateDir: own + '/state' };
    PluginHost.open(options).then((host) => (console.log(host.report()[0].state), host.close()));`;
  const args = ['-e', program, path.join(projectRoot, 'dist/index.js'), folderOf('bad-abi-note'), temporaryFolder()];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'refused\n' });
});

const { level, reason = '' } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason);

/** The processes of this one that are launchers. */
const launchers = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOurLauncher(pid));

function isOurLauncher(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('launcher.js') && new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it has ended
  }
}

const filterOf = (pid: number): string | undefined => /^Seccomp:\s+(\d)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

/** A sandbox that the launcher learns when the plugin is loaded. */
const waiting = (candidate: Candidate): LoadRequest => {
  const grants = { ...NO_GRANTS, read: [realpathSync(candidate.path)] };
  return { sandbox: { startsAs: 'launched', askedEnv: [], copyDir: undefined, child: () => ({ grants, env: { TMPDIR: '/mine' }, inheritEnv: [] }) } };
};

testSandbox('a launcher that was started ahead becomes the process of a plugin, in its sandbox', async () => {
  const loader = new ProcessLoader({ hostVersion: '1.0.0' });
  loader.startAhead(['launched', 'launched']);
  await until(() => launchers().length === 2);
  const ahead = launchers();
  const candidate = await candidateOf(loaderOf({}), 'good-c');
  const plugin = await loader.loadPlugin(candidate, waiting(candidate));
  expect(ahead).toContain(plugin.pid);
  expect(filterOf(plugin.pid ?? 0)).toBe('2');
  expect(launchers()).toEqual(ahead.filter((pid) => pid !== plugin.pid));
  await loader.endUnused();
  expect(launchers()).toEqual([]);
  await plugin[Symbol.asyncDispose]();
});

testSandbox('a launcher that has ended meanwhile is replaced', async () => {
  const loader = new ProcessLoader({ hostVersion: '1.0.0' });
  loader.startAhead(['launched']);
  await until(() => launchers().length === 1);
  const [spare = 0] = launchers();
  process.kill(spare, 'SIGKILL');
  await until(() => !isAlive(spare));
  const candidate = await candidateOf(loaderOf({}), 'good-c');
  const plugin = await loader.loadPlugin(candidate, waiting(candidate));
  expect(plugin.pid).not.toBe(spare);
  expect(filterOf(plugin.pid ?? 0)).toBe('2');
  await plugin[Symbol.asyncDispose]();
});

testSandbox('without a sandbox no plugin takes a launcher', async () => {
  const loader = new ProcessLoader({ hostVersion: '1.0.0' });
  loader.startAhead(['launched']);
  const plugin = await loader.loadPlugin(await candidateOf(loaderOf({}), 'good-c'));
  expect(launchers()).not.toContain(plugin.pid);
  expect(filterOf(plugin.pid ?? 0)).toBe(filterOf(process.pid));
  await loader.endUnused();
  await plugin[Symbol.asyncDispose]();
});
