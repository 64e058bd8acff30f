/** Systems that claim more than works: no sandboxed process starts, or asking is deadly. */
import { expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { keepingLogger, open } from '../../host/host.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { linuxSandbox } from '../sandbox/linux-sandbox.js';

const { level, reason = '' } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason);

/** A Node that starts no launcher. */
function withoutLauncher(): string {
  const file = path.join(temporaryFolder(), 'node');
  writeFileSync(file, `#!/bin/sh\ncase "$1" in *launcher.js) echo 'Error: the container forbids it' >&2; exit 1;; esac\nexec ${JSON.stringify(process.execPath)} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

const isolated = (options: Partial<PluginHostOptions>): Partial<PluginHostOptions> => ({ isolation: 'process', pluginDirs: [folderOf('good-c', 'reacher')], ...options });

testSandbox("plugins run without a sandbox where no process starts in one, but not with 'require'", async () => {
  const processes = { nodePath: withoutLauncher() };
  const required = await open(isolated({ processes, sandbox: 'require' }));
  expect(required.report()).toMatchObject([{ state: 'refused', code: 'ERR_CHILD_PROCESS' }, { state: 'refused', code: 'ERR_CHILD_PROCESS' }]);

  const { lines, logger } = keepingLogger();
  const host = await open(isolated({ processes, logger }));
  const sandbox = { mode: 'best-effort', level: 'none', reason: expect.stringContaining('No process starts in a sandbox here') };
  expect(host.report()).toMatchObject([{ state: 'active', sandbox }, { state: 'active', sandbox }]);
  expect(await host.find('tool', 'echo')?.call({ text: 'a' })).toBeDefined();
  expect(lines.filter(({ message }) => message.startsWith('plugins run without a sandbox')).length).toBe(1);
  expect(lines.find(({ message }) => message.startsWith('plugins run without'))?.message).toContain('the container forbids it');
});

/** Runs a host in a filter that ends a process which makes this system call. Prints the report's states and sandboxes. */
const FILTERED_HOST = `
  const [dist, pluginDir, own, number] = process.argv.slice(1);
  const koffi = require('node:module').createRequire(dist)('koffi');
  const { PluginHost } = require(dist);
  const libc = koffi.load(null);
  const call = libc.func('syscall', 'int64_t', ['int64_t', ...Array(6).fill('intptr_t')]);
  const [SECCOMP, PRCTL] = process.arch === 'x64' ? [317, 157] : [277, 167];
  const bytes = Buffer.from(new ArrayBuffer(32));
  [[0x20, 0, 0, 0], [0x15, 0, 1, Number(number)], [0x06, 0, 0, 0x80000000], [0x06, 0, 0, 0x7fff0000]].forEach(([code, yes, no, k], i) => {
    bytes.writeUInt16LE(code, 8 * i); bytes[8 * i + 2] = yes; bytes[8 * i + 3] = no; bytes.writeUInt32LE(k, 8 * i + 4);
  });
  const header = Buffer.from(new ArrayBuffer(16));
  header.writeUInt16LE(4, 0);
  header.writeBigUInt64LE(BigInt(koffi.address(bytes)), 8);
  call(PRCTL, 38, 1, 0, 0, 0, 0);
  if (Number(call(SECCOMP, 1, 1, Number(koffi.address(header)), 0, 0, 0)) !== 0) throw new Error('no filter');
  const options = { pluginDirs: [pluginDir], hostVersion: '1.0.0', dataDir: own + '/data', stateDir: own + '/state' };
  PluginHost.open(options).then(async (host) => {
    const [{ state, message, sandbox }] = host.report();
    console.log(JSON.stringify({ state, message, level: sandbox?.level, connect: sandbox?.keys.connect }));
    await host.close();
  });`;

/** The same on x64 and arm64. */
const [PIDFD_GETFD, LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF] = [438, 444, 446];

const FILTERS: readonly (readonly [string, number, object])[] = [
  ['for taking descriptors', PIDFD_GETFD, { state: 'active', level, connect: 'partly' }],
  ['for asking for Landlock', LANDLOCK_CREATE_RULESET, { state: 'active', level: 'none' }],
  ['for using Landlock', LANDLOCK_RESTRICT_SELF, { state: 'active', level: 'none' }],
];
for (const [what, number, expected] of FILTERS) {
  testSandbox(`a filter that ends a process ${what} ends neither the host nor its plugins`, () => {
    const args = ['-e', FILTERED_HOST, path.join(projectRoot, 'dist/index.js'), folderOf('good-c'), temporaryFolder(), String(number)];
    const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });
}
