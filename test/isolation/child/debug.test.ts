import { expect } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot, testWhere } from '../../support/fixtures.js';
import { pause } from '../../support/host.js';

const helper = JSON.stringify(path.join(projectRoot, 'test/isolation/process-host.cjs'));
const SCRIPT = `(async () => {
  const { openProcesses } = require(${helper});
  const { tool, registry } = await openProcesses(['good-c'], { timeouts: { create: 50, register: 50, init: 50 }, heartbeatMs: 50 });
  console.log(JSON.stringify(await tool('sleep').call({ ms: 300 }, { timeoutMs: 50 })));
  await registry.shutdownAll();
})();`;

const testSignals = testWhere(process.platform !== 'win32', 'Windows has no SIGCONT');

testSignals('a plugin that is debugged says its process, waits for a debugger, and has no deadlines', async () => {
  const env = { ...process.env, NODE_OPTIONS: '', AISOPOD_PLUGIN_DEBUG: 'good-c' };
  const host = spawn(process.execPath, ['-e', SCRIPT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const answers: string[] = [];
  createInterface(host.stdout).on('line', (line) => void answers.push(line));
  const [said] = (await once(createInterface(host.stderr), 'line')) as [string];
  const pid = /^aisopod-plugin: good-c: process (\d+) waits for a debugger/.exec(said)?.[1];
  await pause(500); // past every deadline
  expect(answers).toEqual([]);
  process.kill(Number(pid), 'SIGCONT');
  const [code] = (await once(host, 'close')) as [number];
  expect({ code, answers }).toEqual({ code: 0, answers: ['{"slept":true}'] });
});
