/** What the system enforces for a plugin in a child: what it was granted, and nothing else. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { linuxSandbox } from '../../isolation/sandbox/linux-sandbox.js';
import { lockPlugins, writeLock } from '../../../src/trust/index.js';
import { copyFixture, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { candidateIn } from '../../trust/plugin.js';
import { open } from '../host.js';
import { hostWith, reach, toml } from './sandboxed.js';

const { level, reason = '' } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason);
const testFull = testWhere(level === 'full', reason);

const [EPERM, EACCES] = [1, 13];
const required: Partial<PluginHostOptions> = { isolation: 'process', sandbox: 'require' };

/** A folder with two folders that have a file each. */
function folders(): { readonly granted: string; readonly other: string; readonly file: (folder: string) => string } {
  const root = temporaryFolder();
  for (const name of ['granted', 'other']) {
    mkdirSync(path.join(root, name));
    writeFileSync(path.join(root, name, 'a.txt'), 'a');
  }
  return { granted: path.join(root, 'granted'), other: path.join(root, 'other'), file: (folder) => path.join(folder, 'a.txt') };
}

describe("with sandbox: 'require'", () => {
  testSandbox('a plugin reads what it was granted, its own folders, and nothing else', async () => {
    const { granted, other, file } = folders();
    const { host, plugin } = await hostWith(`read = ${toml(granted)}`, { ...required, grants: () => ({ read: [granted] }) });
    expect(await reach(host, 'read', { path: file(granted) })).toEqual({ error: 0 });
    expect(await reach(host, 'read', { path: path.join(plugin, 'aisopod.plugin.toml') })).toEqual({ error: 0 });
    expect(await reach(host, 'read', { path: file(other) })).toEqual({ error: EACCES });
    expect(await reach(host, 'read', { path: '/etc/passwd' })).toEqual({ error: EACCES });
    expect(await reach(host, 'write', { path: file(granted) })).toEqual({ error: EACCES });
    expect(await reach(host, 'write', { path: path.join(plugin, 'new') })).toEqual({ error: EACCES });
  });

  testSandbox('it writes what it was granted, its data and its temporary folder', async () => {
    const { granted, other, file } = folders();
    const { host, dataDir } = await hostWith(`write = ${toml(granted)}`, { ...required, grants: (_candidate, asked) => asked });
    const { value: temporary } = (await reach(host, 'env', { name: 'TMPDIR' })) as { value: string };
    for (const folder of [granted, path.join(dataDir, 'reacher'), temporary]) {
      expect(await reach(host, 'write', { path: file(folder) })).toEqual({ error: 0 });
      expect(await reach(host, 'read', { path: file(folder) })).toEqual({ error: 0 });
    }
    for (const folder of [other, path.dirname(granted), dataDir, path.dirname(temporary)]) {
      expect(await reach(host, 'write', { path: file(folder) })).toEqual({ error: EACCES });
    }
  });

  testSandbox('the report says so', async () => {
    const { host } = await hostWith('', required);
    const support = sandboxSupport();
    expect(host.explain('reacher')?.sandbox).toMatchObject({ mode: 'require', level, mechanism: support.mechanism, kernelAbi: support.kernelAbi, keys: support.keys });
    const trace = host.explain('reacher')?.trace.filter(({ check }) => check === 'sandbox' || check === 'permissions');
    expect(trace).toMatchObject([
      { step: 'trust', check: 'sandbox', decision: 'passed', expected: 'require', found: expect.stringContaining(support.mechanism) },
      { step: 'trust', check: 'permissions', decision: 'passed', found: 'none beyond its own folders' },
    ]);
  });

  testFull('a second start has the same permissions, even if the granted path has become a link', async () => {
    const { granted, other, file } = folders();
    const { host } = await hostWith(`write = ${toml(granted)}\nread = ${toml(granted)}`, { ...required, grants: (_candidate, asked) => asked });
    expect(await reach(host, 'read', { path: file(granted) })).toEqual({ error: 0 });
    rmSync(granted, { recursive: true });
    symlinkSync(other, granted);
    const { pid } = host.explain('reacher') ?? {};
    process.kill(pid ?? 0, 'SIGKILL');
    while (host.explain('reacher')?.pid === pid || host.explain('reacher')?.state !== 'active') await new Promise((go) => setTimeout(go, 20));
    expect(await reach(host, 'read', { path: file(granted) })).toEqual({ error: EACCES });
    expect(await reach(host, 'read', { path: file(other) })).toEqual({ error: EACCES });
  });

  testSandbox('the children of several plugins start side by side, each with its own permissions', async () => {
    const { granted, other, file } = folders();
    const [one, two] = await Promise.all([granted, other].map((folder) => hostWith(`read = ${toml(folder)}`, { ...required, grants: (_candidate, asked) => asked })));
    expect(await reach(one!.host, 'read', { path: file(granted) })).toEqual({ error: 0 });
    expect(await reach(one!.host, 'read', { path: file(other) })).toEqual({ error: EACCES });
    expect(await reach(two!.host, 'read', { path: file(other) })).toEqual({ error: 0 });
  });

  testSandbox('a plugin in a folder whose path the loader would change is loaded from a copy', async () => {
    const plugins = path.join(temporaryFolder(), '$LIB');
    mkdirSync(plugins);
    copyFixture('reacher', plugins);
    const host = await open({ ...required, pluginDirs: [plugins] });
    expect(host.explain('reacher')?.message).toBeUndefined();
    expect(await reach(host, 'read', { path: '/etc/passwd' })).toEqual({ error: EACCES });
  });

  testSandbox('a plugin that is loaded from a private copy works', async () => {
    const { plugin } = await hostWith('', { disabled: ['reacher'] });
    await writeLock(path.join(path.dirname(plugin), 'aisopod-plugins.lock'), await lockPlugins([await candidateIn(plugin)]));
    const host = await open({ ...required, pluginDirs: [path.dirname(plugin)], trust: { locked: 'require' } });
    expect(host.explain('reacher')?.message).toBeUndefined();
    expect(await reach(host, 'read', { path: '/etc/passwd' })).toEqual({ error: EACCES });
  });
});

test('with best effort a plugin runs wherever it ran before', async () => {
  const { host } = await hostWith('', { isolation: 'process', sandbox: 'best-effort' });
  expect(host.explain('reacher')?.state).toBe('active');
  const expected = sandboxSupport().level === 'none' ? 0 : process.platform === 'darwin' ? EPERM : EACCES;
  if (existsSync('/etc/passwd')) expect(await reach(host, 'read', { path: '/etc/passwd' })).toEqual({ error: expected });
});
