/** host.update: the next generation takes over while calls run; a bad build does not. */
import { describe, expect } from '@jest/globals';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixtureLibrary, libraryFileName, temporaryFolder } from '../support/fixtures.js';
import { errorOf, until } from '../support/host.js';
import { installBuild, putBuild } from '../support/releases.js';
import { editManifest, manifestOf, open } from './host.js';
import { HOMES, call, copiesIn, generationsOf, openReloaded, testOnPosix, whenAlone } from './reloaded.js';

describe.each(HOMES)('a plugin %s', (_name, isolation) => {
  testOnPosix('is updated back and forth, and the same handle answers', async () => {
    const { host, plugin } = await openReloaded(isolation);
    const version = host.find('tool', 'version');
    expect(await version?.call({})).toEqual({ version: 1 });
    for (let generation = 2; generation <= 7; generation++) {
      const release = generation % 2 === 0 ? 2 : 1;
      // The first generation runs from the folder itself. Overwriting its library would crash it.
      putBuild(plugin, `reloaded-${release}`, generation > 3 && isolation === 'process' ? 'overwrite' : 'rename');
      const previousLibrary = isolation === 'in-process' && { previousLibrary: expect.objectContaining({ state: expect.stringMatching(/^(?:in use|kept)$/) }) };
      const replaced = { generation: generation - 1, version: `${3 - release}.0.0` };
      expect(await host.update('reloaded')).toEqual({ outcome: 'updated', id: 'reloaded', generation, version: `${release}.0.0`, replaced, ...previousLibrary });
      expect(await version?.call({})).toEqual({ version: release });
      expect(host.explain('reloaded')).toMatchObject({ state: 'active', generation, version: `${release}.0.0`, lastUpdate: { outcome: 'updated', version: `${release}.0.0` } });
      expect(host.explain('reloaded')?.filesChanged).toBeUndefined();
    }
    expect(host.find('tool', 'version')).toBe(version);
    await whenAlone(host);
    expect(await host.find('tool', 'most_inside')?.call({})).toEqual({ most: 0 });
  });

  testOnPosix('is not updated if its files are the same, and with the others that have changed if no id is given', async () => {
    const { host, plugin } = await openReloaded(isolation);
    expect(await host.update('reloaded')).toEqual({ outcome: 'unchanged', id: 'reloaded' });
    expect(await host.update()).toEqual([]);
    putBuild(plugin, 'reloaded-2');
    expect(await host.update()).toMatchObject([{ outcome: 'updated', id: 'reloaded' }]);
    expect(await host.update()).toEqual([]);
  });

  testOnPosix('completes the calls that are open, and answers new ones from the next generation', async () => {
    // Without a sandbox: its tool waits for a file outside its own folders.
    const { host, plugin, folder } = await openReloaded(isolation, { sandbox: 'off' });
    const file = path.join(folder, 'go');
    const waiting = call(host, 'wait_for', { file });
    putBuild(plugin, 'reloaded-2');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated' });
    expect(generationsOf(host)).toEqual([2, 'draining 1']);
    expect(await call(host, 'version')).toEqual({ version: 2 });
    writeFileSync(file, '');
    expect(await waiting).toEqual({ version: 1 });
    await whenAlone(host);
  });

  testOnPosix('ends calls that are still open after drainMs', async () => {
    const { host, plugin, folder } = await openReloaded(isolation, { updates: { drainMs: 1, probationMs: 0 } });
    const waiting = errorOf(call(host, 'wait_for', { file: path.join(folder, 'never') }));
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    expect(await waiting).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', state: 'shutting down' });
    await whenAlone(host);
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testOnPosix('stays as it is whatever is wrong with the new files, and is updated when that is fixed', async () => {
    const { host, plugin, copyDir } = await openReloaded(isolation, { timeouts: { create: 2000, init: 500 } });
    const library = path.join(plugin, libraryFileName('reloaded'));
    const kept = async (): Promise<string | undefined> => {
      const result = await host.update('reloaded');
      const { lastUpdate } = host.explain('reloaded') ?? {};
      expect(result).toMatchObject({ outcome: 'kept', error: { code: lastUpdate?.code, pluginId: 'reloaded' } });
      expect(host.explain('reloaded')).toMatchObject({ state: 'active', version: '1.0.0', filesChanged: true, lastUpdate: { outcome: 'kept' } });
      expect([generationsOf(host), await call(host, 'version')]).toEqual([[1], { version: 1 }]);
      if (isolation === 'process') expect(copiesIn(copyDir)).toHaveLength(1); // that of the version that runs
      return lastUpdate?.code;
    };
    editManifest(plugin, 'name = ', 'nme = ');
    expect(await kept()).toBe('ERR_MANIFEST');
    rmSync(manifestOf(plugin));
    expect(await kept()).toBe('ERR_UPDATE_REFUSED');
    putBuild(plugin, 'reloaded-2');
    rmSync(library);
    expect(await kept()).toBe('ERR_LIBRARY_NOT_FOUND');
    writeFileSync(library, 'this is no library');
    expect(await kept()).toBe('ERR_LIBRARY_FORMAT');
    copyFileSync(fixtureLibrary('good-c'), library);
    expect(await kept()).toBe('ERR_ID_MISMATCH');
    putBuild(plugin, 'reloaded-refuses-init');
    expect(await kept()).toBe('ERR_INIT_FAILED');
    if (isolation === 'process') {
      putBuild(plugin, 'reloaded-crashes-in-create');
      expect(await kept()).toBe('ERR_LIFECYCLE_CRASHED');
      putBuild(plugin, 'reloaded-crashes-in-init');
      expect(await kept()).toBe('ERR_LIFECYCLE_CRASHED');
      putBuild(plugin, 'reloaded-hangs-in-init');
      expect(await kept()).toBe('ERR_LIFECYCLE_TIMEOUT');
    }
    putBuild(plugin, 'reloaded-2');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated' });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testOnPosix('keeps capabilities that the new files lack, unless the host accepts fewer', async () => {
    const folder = temporaryFolder();
    const plugin = installBuild(folder, 'updated-2');
    const host = await open({ pluginDirs: [folder], isolation, updates: { probationMs: 0 } });
    putBuild(plugin, 'updated-1');
    expect(await host.update('updated')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_FEWER_CAPABILITIES', expected: 'tool added' } });
    const added = host.find('tool', 'added');
    expect(await added?.call({})).toEqual({ version: 2 });
    expect(await host.update('updated', { allowFewer: true })).toMatchObject({ outcome: 'updated', version: '1.0.0' });
    expect([host.find('tool', 'added'), await call(host, 'version')]).toEqual([undefined, { version: 1 }]);
    expect(await errorOf(added?.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
  });

  testOnPosix('that is not active is started, if the host has not disabled it', async () => {
    const { host, plugin } = await openReloaded(isolation);
    await host.disable('reloaded');
    expect(await errorOf(host.update('reloaded'))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', operation: 'update', found: 'disabled', hint: expect.stringContaining('Call enable') });
    rmSync(manifestOf(plugin));
    await host.enable('reloaded');
    expect(host.explain('reloaded')?.state).not.toBe('active');
    putBuild(plugin, 'reloaded-2');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'started', version: '2.0.0' });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testOnPosix('can be disabled and its host closed while it is updated, one after the other', async () => {
    const { host, plugin, folder } = await openReloaded(isolation);
    const waiting = errorOf(call(host, 'wait_for', { file: path.join(folder, 'never') }));
    putBuild(plugin, 'reloaded-2');
    const updating = host.update('reloaded');
    const disabling = host.disable('reloaded');
    expect(await updating).toMatchObject({ outcome: 'updated' });
    await disabling;
    expect([host.explain('reloaded')?.state, generationsOf(host)]).toEqual(['disabled', [2]]);
    expect(await waiting).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
    await host.enable('reloaded');
    putBuild(plugin, 'reloaded-1');
    const again = host.update('reloaded');
    const closing = host.close();
    expect(await again).toMatchObject({ outcome: 'updated', version: '1.0.0' });
    expect(await closing).toMatchObject({ failed: [] });
    expect(generationsOf(host)).toHaveLength(1);
    expect(await errorOf(host.update('reloaded'))).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'closed' });
  });
});

describe('an isolated plugin', () => {
  testOnPosix('runs each generation from a private copy of its own, which goes with it', async () => {
    const { host, plugin, copyDir } = await openReloaded('process');
    expect(copiesIn(copyDir)).toHaveLength(1);
    for (const release of [2, 1, 2]) {
      putBuild(plugin, `reloaded-${release}`);
      await host.update('reloaded');
      await whenAlone(host);
      expect(copiesIn(copyDir)).toHaveLength(1);
    }
    await host.disable('reloaded');
    expect(copiesIn(copyDir)).toHaveLength(0);
  });

  testOnPosix('is restarted from its copy after a crash, whatever its folder holds by then', async () => {
    const { host, plugin } = await openReloaded('process');
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await whenAlone(host);
    writeFileSync(path.join(plugin, libraryFileName('reloaded')), 'half of a file');
    expect(await errorOf(call(host, 'crash'))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
    expect(await call(host, 'version')).toEqual({ version: 2 });
    await until(() => host.explain('reloaded')?.state === 'active');
    expect(generationsOf(host)).toEqual([2]);
  });
});
