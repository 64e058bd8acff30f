/** A service manager sends its signal to a host and all of its children at once. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf } from '../../support/child.js';
import { folderOf, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { openIn } from '../homes.js';
import { until } from '../../support/host.js';

const testPosix = testWhere(process.platform !== 'win32', 'Windows has no signals between processes');

testPosix('SIGTERM, SIGINT and SIGHUP to the host and its children: the host decides, and every plugin is shut down', async () => {
  const folder = temporaryFolder();
  const log = path.join(folder, 'data', 'call-log', 'log'); // a plugin in a sandbox writes to its own folders only
  const options = { hostVersion: '1.0.0', pluginDirs: [folderOf('call-log', 'good-c')], dataDir: path.join(folder, 'data'), stateDir: path.join(folder, 'state'), processes: { env: { AISOPOD_FIXTURE_LOG: log } } };
  const seen = await answerOf(`
    const crashes = [];
    const options = ${JSON.stringify(options)};
    Object.assign(options.processes, { onCrash: ({ reason }) => crashes.push(reason) });
    const host = await aisopod.PluginHost.open(options);
    const { execFileSync } = require('node:child_process');
    const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\\n').map((line) => line.trim().split(/ +/).map(Number))
      .filter(([pid, parent]) => parent === process.pid).map(([pid]) => pid).filter((pid) => { try { process.kill(pid, 0); return true; } catch { return false; } });
    const heard = new Set();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
      process.on(signal, () => heard.add(signal));
      for (const pid of [...children, process.pid]) process.kill(pid, signal);
      for (const pid of children) process.kill(-pid, signal);
    }
    while (heard.size < 3) await pause(5);
    const echo = await host.find('tool', 'echo').call({ a: 1 });
    const { ended, failed } = await host.close();
    console.log(JSON.stringify({ children: children.length, echo, ended: ended.toSorted?.() ?? [...ended].sort(), failed, crashes }));`);
  expect(seen).toEqual({ children: 2, echo: { a: 1 }, ended: ['call-log', 'good-c'], failed: [], crashes: [] });
  expect(readFileSync(log, 'utf8').trim().split('\n').slice(-2)).toEqual(['shutdown', 'destroy']);
});

const testLinux = testWhere(process.platform === 'linux', 'no /proc');

testLinux('what a plugin starts is ended by SIGTERM as usual: a child handles the signals, and does not ignore them', async () => {
  const host = await openIn('process', ['good-c']);
  const status = readFileSync(`/proc/${host.remote('good-c').pid ?? 0}/status`, 'utf8');
  const mask = (name: string): bigint => BigInt(`0x${new RegExp(`^${name}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? ''}`);
  for (const signal of [1, 2, 15]) {
    const bit = 1n << BigInt(signal - 1);
    expect({ signal, caught: (mask('SigCgt') & bit) !== 0n, ignored: (mask('SigIgn') & bit) !== 0n }).toEqual({ signal, caught: true, ignored: false });
  }
});

test('SIGKILL ends a child as before', async () => {
  const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 10 } });
  const { pid = 0 } = host.remote('good-c');
  process.kill(pid, 'SIGKILL');
  await until(() => host.remote('good-c').pid !== pid);
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
});
