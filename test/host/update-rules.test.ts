/** What may keep new files from being tried: the host, a lock, and libraries that stay mapped. */
import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { UpdateDiff } from '../../src/host/update/update-diff.js';
import { discover } from '../../src/scan/index.js';
import { LOCK_FILENAME, lockPlugins, writeLock } from '../../src/trust/index.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';
import { installBuild, putBuild } from '../support/releases.js';
import { appendToManifest, editManifest, open } from './host.js';
import { HOMES, call, openReloaded, testOnPosix } from './reloaded.js';

const REFUSED = { outcome: 'kept', error: { code: 'ERR_UPDATE_REFUSED' } };

describe.each(HOMES)('new files of a plugin %s', (_name, isolation) => {
  testOnPosix('that declare more are accepted only if onUpdate returns true', async () => {
    const folder = temporaryFolder();
    const plugin = installBuild(folder, 'updated-1');
    const asked: UpdateDiff[] = [];
    const answers: unknown[] = [false, 'yes', new Error('no idea'), Promise.resolve(true)];
    const onUpdate = (diff: UpdateDiff): boolean => {
      asked.push(diff);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer as boolean;
    };
    // Without a sandbox: in one, the permission would have to be granted as well.
    const host = await open({ pluginDirs: [folder], isolation, sandbox: 'off', updates: { onUpdate } });
    putBuild(plugin, 'updated-2');
    appendToManifest(plugin, '\n[permissions]\nread = ["/etc/hosts"]\n\n[permissions.optional]\nenv = ["LANG"]\n');
    for (const reason of [/refused/, /refused/, /no idea/]) {
      expect(await host.update('updated')).toMatchObject({ ...REFUSED, error: { reason: expect.stringMatching(reason) } });
      expect(await call(host, 'version')).toEqual({ version: 1 });
    }
    expect(await host.update('updated')).toMatchObject({ outcome: 'updated' });
    const added = { addedCapabilities: ['tool added'], addedPermissions: ['read /etc/hosts', 'env LANG'] };
    expect(asked[0]).toEqual({ id: 'updated', path: plugin, from: '1.0.0', to: '2.0.0', removedCapabilities: [], removedPermissions: [], ...added });
    editManifest(plugin, 'read = ["/etc/hosts"]', '');
    expect(await host.update('updated')).toMatchObject({ outcome: 'updated' });
    expect(asked).toHaveLength(4); // which declares less, so nobody is asked
  });

  testOnPosix('must be locked again, and may then not declare more without onUpdate', async () => {
    const folder = temporaryFolder();
    const plugin = installBuild(folder, 'updated-2');
    const lock = async (): Promise<void> => writeLock(path.join(folder, LOCK_FILENAME), await lockPlugins((await discover({ pluginDirs: [folder] })).candidates));
    await lock();
    const host = await open({ pluginDirs: [folder], isolation, trust: { locked: 'require', copyDir: temporaryFolder() } });
    expect(await call(host, 'version')).toEqual({ version: 2 });
    putBuild(plugin, 'updated-1');
    expect(await host.update('updated', { allowFewer: true })).toMatchObject({ outcome: 'kept', error: { code: 'ERR_LOCK_MISMATCH' } });
    expect(await call(host, 'version')).toEqual({ version: 2 });
    await lock();
    expect(await host.update('updated', { allowFewer: true })).toMatchObject({ outcome: 'updated' });
    putBuild(plugin, 'updated-2');
    await lock();
    expect(await host.update('updated')).toMatchObject({ ...REFUSED, error: { reason: expect.stringContaining('tool added') } });
    expect(await call(host, 'version')).toEqual({ version: 1 });
  });
});

describe('in-process', () => {
  testOnPosix('a plugin is not updated if too many of its earlier libraries are mapped', async () => {
    const folder = temporaryFolder();
    const plugin = installBuild(folder, 'unloads-thread');
    const host = await open({ pluginDirs: [folder], updates: { maxKept: 1 } });
    putBuild(plugin, 'unloads-2');
    expect(await host.update('unloads')).toMatchObject({ outcome: 'updated' });
    putBuild(plugin, 'unloads-1');
    expect(await host.update('unloads')).toMatchObject({ ...REFUSED, error: { reason: expect.stringContaining("isolation: 'process'") } });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });
});

test('an option of update is checked', async () => {
  const { host } = await openReloaded('in-process');
  expect(await errorOf(host.update('reloaded', { allowFewer: 1 as never }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'allowFewer' });
  expect(await errorOf(host.update('nobody'))).toMatchObject({ code: 'ERR_UNKNOWN_PLUGIN', operation: 'update' });
});
