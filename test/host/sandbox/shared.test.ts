/** Plugins that share a process share its sandbox: the same permissions, fixed when the process starts. */
import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import type { PluginHost } from '../../../src/host/plugin-host.js';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { copyFixture, folderOf, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { appendToManifest, open, statesOf } from '../host.js';
import { reach } from './sandboxed.js';

const shared: Partial<PluginHostOptions> = { isolation: { process: 'group' }, sandbox: 'best-effort' };
const codes = (host: PluginHost) => host.report().map(({ id, code }) => [id, code]);

test('plugins with the same permissions share a process, and each has its folders', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const host = await open({ ...shared, pluginDirs: [folderOf('good-c', 'reacher')], dataDir });
  expect(statesOf(host)).toEqual([['good-c', 'active'], ['reacher', 'active']]);
  const [one, two] = host.report();
  expect(one?.pid).toBe(two?.pid);
  expect(one?.sandbox?.granted).toEqual(two?.sandbox?.granted);
  expect(await reach(host, 'write', { path: path.join(dataDir, 'reacher', 'a') })).toEqual({ error: 0 });
  const temporary = two?.sandbox?.granted.write.at(-1) ?? '';
  await host.disable('reacher');
  expect(existsSync(temporary)).toBe(true);
  await host.enable('reacher');
  expect(statesOf(host)).toEqual([['good-c', 'active'], ['reacher', 'active']]);
  await host.close();
  expect(existsSync(temporary)).toBe(false);
});

test('one that was granted something else is refused', async () => {
  const plugins = folderOf('good-c', 'reacher');
  appendToManifest(path.join(plugins, 'reacher'), '\n[permissions.optional]\nlisten = [80]\n');
  const host = await open({ ...shared, pluginDirs: [plugins], grants: (_candidate, asked) => asked });
  expect(codes(host)).toEqual([['good-c', undefined], ['reacher', 'ERR_SHARED_GRANTS']]);
  expect(host.explain('reacher')).toMatchObject({
    step: 'trust',
    message: expect.stringContaining('cannot share the process group: expected the permissions of good-c (none), found listen 80'),
    hint: expect.stringContaining("isolation: 'process'"),
  });
  // Without the first, it decides what the process has.
  await host.disable('good-c');
  await host.enable('reacher');
  expect(host.explain('reacher')?.state).toBe('active');
});

test('one that was disabled when the process started was known', async () => {
  const host = await open({ ...shared, pluginDirs: [folderOf('good-c', 'reacher')], disabled: ['reacher'] });
  await host.enable('reacher');
  expect(statesOf(host)).toEqual([['good-c', 'active'], ['reacher', 'active']]);
  const [one, two] = host.report();
  expect(one?.pid).toBe(two?.pid);
});

testWhere(sandboxSupport().level !== 'none', 'no sandbox')('one that was not known when the process started is refused, until the process starts again', async () => {
  const plugins = folderOf('good-c');
  const host = await open({ ...shared, pluginDirs: [plugins] });
  copyFixture('reacher', plugins);
  await host.rescan();
  expect(codes(host)).toEqual([['good-c', undefined], ['reacher', 'ERR_SHARED_GRANTS']]);
  expect(host.explain('reacher')?.message).toContain('expected a plugin that was known when the process started');
  await host.disable('good-c');
  await host.rescan();
  expect(host.explain('reacher')?.state).toBe('active');
});
