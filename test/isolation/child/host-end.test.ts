import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { runChild } from '../../support/child.js';
import { projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { until } from '../../support/host.js';
import { isRunning } from '../alive.js';

const helper = JSON.stringify(path.join(projectRoot, 'test/isolation/process-host.cjs'));
const inHost = (script: string): string => `{ const { openProcesses, pause, printPidsAtExit } = require(${helper}); ${script} }`;

const hosts: ChildProcess[] = [];
afterAll(() => {
  for (const host of hosts) host.kill('SIGKILL');
});

/** Rejects if there is none. */
async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line;
  throw new Error('it ended and printed nothing');
}

/** Starts a host whose script prints the ids of its children's processes, and kills it when it has. */
async function killedHost(script: string): Promise<number[]> {
  const host = spawn(process.execPath, ['-e', `(async () => { ${inHost(script)} })();`], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporaryFolder() } });
  hosts.push(host);
  const line = await firstLine(host.stdout);
  const pids = JSON.parse(line) as number[];
  expect(pids.every(isRunning)).toBe(true);
  host.kill('SIGKILL');
  await once(host, 'exit');
  return pids;
}

describe('the children of a host that is killed end with it', () => {
  const PRINT = `console.log(JSON.stringify(plugins.map(({ pid }) => pid))); setInterval(() => {}, 1000);`;
  test.each([
    ['idle', `const { plugins } = await openProcesses(['good-c', 'inside-count']);`],
    ['with a thread that blocks', `const { plugins, tool } = await openProcesses(['good-c']); tool('block').call({ ms: 600_000 }); await pause(100);`],
    ['with a thread that spins', `const { plugins, tool } = await openProcesses(['crasher']); tool('worker').call({ fault: 'spin' }); await pause(100);`],
    ['with many threads of their own', `const { plugins, tool } = await openProcesses(['good-c']); for (let i = 0; i < 20; i++) tool('pending').call({ ms: 600_000 }); await pause(100);`],
  ])('%s', async (_name, script) => {
    const pids = await killedHost(script + PRINT);
    await until(() => !pids.some(isRunning));
  });

  testWhere(process.platform !== 'win32', 'Windows has no SIGSTOP')('stopped, so that they hear nothing', async () => {
    const pids = await killedHost(`const { plugins } = await openProcesses(['good-c']); process.kill(plugins[0].pid, 'SIGSTOP'); ${PRINT}`);
    await until(() => !pids.some(isRunning));
  });
});

describe('a host ends when it has nothing to do, whatever its children do', () => {
  test.each([
    ['by itself, with children that wait for work', `await openProcesses(['good-c', 'inside-count']);`, 0],
    ['by itself, with an invocation that was given up and is still inside', `const { tool } = await openProcesses(['good-c']); await tool('block').call({ ms: 600_000 }, { timeoutMs: 50 }).catch(() => {});`, 0],
    ['by itself, while a child is to be started again', `const { plugins } = await openProcesses(['good-c'], { restart: { firstPauseMs: 600_000 } }); process.kill(plugins[0].pid, 'SIGKILL'); while (plugins[0].state === 'active') await pause(5);`, 0],
    ['by process.exit, with invocations inside', `const { tool } = await openProcesses(['good-c']); tool('block').call({ ms: 600_000 }); await pause(50); process.exit(7);`, 7],
    ['by an exception that nobody catches', `await openProcesses(['good-c']); setTimeout(() => { throw new Error('nobody catches this'); }, 10);`, 1],
  ])('%s', async (_name, script, expected) => {
    const { code, signal, stdout } = await runChild(inHost(`printPidsAtExit(); ${script}`));
    const pids = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as number[];
    expect({ code, signal }).toEqual({ code: expected, signal: null });
    expect(pids).not.toEqual([]);
    await until(() => !pids.some(isRunning));
  });

  test('but not while an invocation is awaited', async () => {
    const { code, stdout } = await runChild(inHost(`const { tool } = await openProcesses(['good-c']); tool('pending').call({ ms: 300 }).then((answer) => console.log(JSON.stringify(answer)));`));
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"ok":true}\n' });
  });
});
