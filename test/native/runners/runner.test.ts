/** What a runner thread is to its process: no hooks, no lost output, no work while idle, and no reason to stay. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { answerOf, runChild } from '../../support/child.js';
import { temporaryFolder } from '../../support/fixtures.js';

/** Opens the fixture, and waits until a runner makes its calls: from then on they come on one thread. */
const ON_RUNNER = `
  const host = await openHost(['good-c']);
  const threadOf = async () => (await host.tool('thread_id').call({})).thread;
  for (let same = 0, last; same < 20; ) {
    const now = await threadOf();
    same = now === last ? same + 1 : 0;
    last = now;
    await pause(5);
  }`;

test('hooks of NODE_OPTIONS run in the main thread only', async () => {
  const folder = temporaryFolder();
  const [hook, log] = [path.join(folder, 'hook.cjs'), path.join(folder, 'log')];
  writeFileSync(hook, `require('node:fs').appendFileSync(${JSON.stringify(log)}, require('node:worker_threads').isMainThread + '\\n');`);
  const { code } = await runChild(ON_RUNNER, { env: { NODE_OPTIONS: `--require ${hook}` } });
  expect(code).toBe(0);
  expect(readFileSync(log, 'utf8')).toBe('true\n');
});

test('the environment of the host is not copied into runners, and they have none of its flags', async () => {
  // A flag that a Worker refuses in its execArgv, if it were handed on.
  const { code, stderr } = await runChild(`${ON_RUNNER} console.log('done');`, { flags: ['--title=runner-test', '--max-http-header-size=9000'] });
  expect([code, stderr]).toEqual([0, '']);
});

/** puts, as a plugin on a runner calls it. */
const PRINT = `
  const dist = process.cwd() + '/build/modules/';
  const { libc, addressOf, ownBuffer } = require(dist + 'library/memory.js');
  const { PluginQueue } = require(dist + 'native/runners/plugin-queue.js');
  const symbol = (name) => Number(libc.symbol(name));
  const text = ownBuffer(64);
  text.write('x'.repeat(59));
  const queue = new PluginQueue();
  const run = (at, argument) => new Promise((resolve) => {
    queue.enqueue({ prepare: () => ({ prototype: 'destroy', at, args: [argument], keep: text }), onReturn(_, left) { left(); resolve(); } });
  });
  const [puts, fflush] = [symbol('puts'), symbol('fflush')];
  for (let i = 0; i < 400; i++) await Promise.all(Array.from({ length: 50 }, () => run(puts, addressOf(text))));
  await run(fflush, 0);`;

test('what native code prints into a pipe is not lost', async () => {
  const { stdout } = await runChild(ON_RUNNER + PRINT);
  expect(stdout.split('\n').filter((line) => line === 'x'.repeat(59))).toHaveLength(20_000);
});

describe('between calls', () => {
  test('a runner does nothing', async () => {
    const script = `${ON_RUNNER}
    const before = process.cpuUsage();
    await pause(1000);
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify((user + system) / 1000));`;
    expect(await answerOf(script)).toBeLessThan(200); // ms; one that spins takes most of a second
  });

  test('a runner does not keep the process running, and a call does', async () => {
    const script = `${ON_RUNNER}
    host.tool('block').call({ ms: 300 }).then(() => console.log('"answered"'));`;
    expect(await answerOf(script)).toBe('answered');
  });
});

test('a runner has the mebibyte of stack that rule 8 promises', async () => {
  const script = `${ON_RUNNER}
  const own = await openHost(['inside-count']);
  console.log(JSON.stringify(await own.tool('use_stack').call({})));`;
  expect(await answerOf(script)).toEqual({ status: 1 });
});

test('where no thread may be started for it, calls go through libuv', async () => {
  const script = `
  const workers = require('node:worker_threads');
  const { Worker } = workers;
  const host = await openHost(['inside-count']);
  await pause(200);
  console.log(JSON.stringify(await host.tool('stay').call({ ms: 1 })));`;
  const isOld = Number(process.versions.node.split('.')[0]) < 22;
  const flags = [isOld ? '--experimental-permission' : '--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-addons'];
  expect(await answerOf(script, { flags })).toEqual({ order: 1 });
});
