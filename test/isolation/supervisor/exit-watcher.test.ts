/** The end of a child is heard of, whatever else happens in the host's process. */
import { describe, expect } from '@jest/globals';
import path from 'node:path';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { answerOf } from '../../support/child.js';
import { projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { isRunning } from '../alive.js';

const helper = JSON.stringify(path.join(projectRoot, 'test/isolation/process-host.cjs'));
const koffi = JSON.stringify(path.join(projectRoot, 'node_modules/koffi'));

/** As a native library in the host's process does. `labs` is a function of the C library that a handler may be. */
const TAKE_SIGCHLD = `
  const libc = require(${koffi}).load(null);
  const signal = libc.func('signal', 'uintptr_t', ['int', 'uintptr_t']);
  const { SIGCHLD } = require('node:os').constants.signals;
  const take = { 'a handler': () => signal(SIGCHLD, libc.symbol('labs')), SIG_IGN: () => signal(SIGCHLD, 1) };`;

const testPosix = testWhere(process.platform !== 'win32', 'Windows has no SIGCHLD');

describe('where something else in the process takes SIGCHLD', () => {
  for (const how of ['a handler', 'SIG_IGN']) {
    testPosix(`by ${how}: a crash is told, the plugin comes back, and its end settles`, async () => {
      const seen = await answerOf(`
        const { openProcesses } = require(${helper}); ${TAKE_SIGCHLD}
        const crashes = [];
        const { registry, plugins, tool } = await openProcesses(['crasher', 'good-cpp'], { restart: { firstPauseMs: 10 }, heartbeatMs: Infinity, onCrash: ({ signal, reason, during }) => crashes.push({ signal, reason, during }) });
        const first = plugins.map(({ pid }) => pid);
        take['${how}']();
        const { code } = await tool('worker').call({ fault: 'segv' }).catch((error) => error);
        const again = await tool('worker').call({ fault: 'none' });
        process.kill(plugins[1].pid, 'SIGKILL');
        while (crashes.length < 2) await pause(10);
        const shout = await tool('shout').call({ text: 'back' });
        const { failed } = await registry.shutdownAll();
        const left = first.filter((pid) => { try { process.kill(pid, 0); return true; } catch { return false; } });
        console.log(JSON.stringify({ code, again, shout, crashes, failed, left }));`);
      const unknown = { signal: null, reason: expect.stringContaining('exit status is unknown') as unknown };
      const [crash, killed] = how === 'SIG_IGN' ? [unknown, unknown] : [{ signal: 'SIGSEGV', reason: 'was killed by SIGSEGV' }, { signal: 'SIGKILL', reason: 'was killed by SIGKILL' }];
      expect(seen).toEqual({
        code: 'ERR_PLUGIN_CRASHED',
        again: { survived: true },
        shout: { text: 'BACK!' },
        crashes: [{ ...crash, during: 'tool worker' }, { ...killed, during: 'idle' }],
        failed: [],
        left: [],
      });
    });
  }
});

/** A host of its own, opened after SIGCHLD was taken by `how`. `options` and `result` are code. */
const openAndCall = (how: string, options: string, result: string): string => `
  const { mkdtempSync, rmSync } = require('node:fs'); ${TAKE_SIGCHLD}
  const folder = mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'aisopod-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const other = require('node:child_process').spawn('sleep', ['600']); // with it, Node watches SIGCHLD already
  take['${how}']?.();
  const options = { hostVersion: '1.0.0', pluginDirs: [fixtures + '/good-c/..'], trust: { allow: ['good-c'] }, dataDir: folder, stateDir: folder + '/state' };
  const host = await aisopod.PluginHost.open({ ...options, ...(${options}) });
  const answer = await host.find('tool', 'echo').call({ a: 1 });
  const result = ${result};
  await host.close();
  other.kill('SIGKILL');
  other.unref(); // Node may not hear of its end
  console.log(JSON.stringify(result));`;

for (const how of ['a handler', 'SIG_IGN']) {
  testPosix(`a program that is to be Node is recognised where SIGCHLD is taken by ${how}`, async () => {
    expect(await answerOf(openAndCall(how, '{ processes: { nodePath: process.execPath } }', 'answer'))).toEqual({ a: 1 });
  });
}

/** As service managers and containers do; this one allows every call. Returns whether it is in force. */
const FILTER_CALLS = `(() => {
  const libc = require(${koffi}).load(null);
  const prctl = libc.func('prctl', 'int', ['int', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']);
  const rule = Buffer.from(new ArrayBuffer(8));
  rule.writeUInt16LE(6, 0); // BPF_RET
  rule.writeUInt32LE(0x7fff0000, 4); // SECCOMP_RET_ALLOW
  const list = Buffer.from(new ArrayBuffer(16));
  list.writeUInt16LE(1, 0);
  list.writeBigUInt64LE(BigInt(require(${koffi}).address(rule)), 8);
  prctl(38, 1, 0, 0, 0); // PR_SET_NO_NEW_PRIVS
  prctl(22, 2, Number(require(${koffi}).address(list)), 0, 0); // PR_SET_SECCOMP
  return /^Seccomp:\\s+2$/m.test(require('node:fs').readFileSync('/proc/self/status', 'utf8'));
})()`;

const testLinux = testWhere(process.platform === 'linux', 'seccomp of Linux');
for (const how of ['a handler', 'SIG_IGN', 'nobody']) {
  testLinux(`a host under a filter of system calls asks the kernel in a program of its own, with SIGCHLD taken by ${how}`, async () => {
    const result = "{ filtered, answer, mechanism: host.report().find(({ id }) => id === 'good-c').sandbox.mechanism }";
    const seen = await answerOf(`const filtered = ${FILTER_CALLS}; ${openAndCall(how, '{}', result)}`);
    expect(seen).toEqual({ filtered: true, answer: { a: 1 }, mechanism: sandboxSupport().mechanism });
  });
}

const testRoot = testWhere(process.getuid?.() === 0, 'only root can change its user');

const fakeChild = path.join(projectRoot, 'test/isolation/fake-child.cjs');
/** Its main thread waits without end, so it hears nothing, not even that its connection closes. */
const STUCK = `if (message.type !== 'invoke') return behave(message); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;

describe('a host that has changed its user and may not kill its children', () => {
  const USE = `const { code, reason } = await tool('echo').call({ a: 1 }, { timeoutMs: 20_000 }).then(() => ({}), (error) => error);`;
  const open = (options: object): string => `
    const { openProcesses } = require(${helper});
    const errors = [];
    const crashes = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (message) => errors.push(message) };
    const { registry, plugins, tool } = await openProcesses(['good-c'], { ...${JSON.stringify({ dataDir: temporaryFolder(), graceMs: 50, restart: { most: 0 }, ...options })}, logger, onCrash: ({ reason, ending }) => crashes.push([ending, reason]) });
    const [{ pid }] = plugins;
    process.setgid(65534);
    process.setuid(65534);`;

  testRoot('says so where it fails to, tells who waits, and its end settles', async () => {
    const seen = (await answerOf(`${open({ childEntry: fakeChild, env: { FAKE_CHILD_SCRIPT: STUCK } })}
      while (crashes.length === 0) await tool('echo').call({ a: 1 }, { timeoutMs: 50 }).catch(() => pause(10));
      await registry.shutdownAll();
      console.log(JSON.stringify({ pid, crashes }));`)) as { pid: number; crashes: unknown[] };
    try {
      expect(seen.crashes).toEqual([['kill-refused', expect.stringMatching(/^could not be killed by the host \(EPERM\): it /)]]);
      expect(isRunning(seen.pid)).toBe(true);
    } finally {
      process.kill(seen.pid, 'SIGKILL');
    }
  });

  testRoot('says so in the log where one does not end when it is told to', async () => {
    const script = `if (message.type === 'exit') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return behave(message);`;
    const seen = (await answerOf(`${open({ childEntry: fakeChild, env: { FAKE_CHILD_SCRIPT: script } })}
      const { failed } = await registry.shutdownAll();
      console.log(JSON.stringify({ pid, errors, failed }));`)) as { pid: number; errors: string[]; failed: unknown[] };
    process.kill(seen.pid, 'SIGKILL');
    expect(seen).toMatchObject({ failed: [], errors: [expect.stringMatching(/^its process \d+ does not end, and the host may not kill it \(EPERM\): it may still run$/)] });
  });

  testRoot('ends those that hear it in order', async () => {
    const seen = await answerOf(`${open({})} ${USE}
      const { failed } = await registry.shutdownAll();
      let isLeft = true;
      try { process.kill(pid, 0); } catch (error) { isLeft = error.code !== 'ESRCH'; }
      console.log(JSON.stringify({ code, reason, failed, errors, crashes, isLeft }));`);
    expect(seen).toEqual({ failed: [], errors: [], crashes: [], isLeft: false });
  });
});
