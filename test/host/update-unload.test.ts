/** What becomes of the library of a plugin in this process when it is replaced: unmapped where that is safe, otherwise kept, with the reason. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { until } from '../support/host.js';
import { installBuild, putBuild } from '../support/releases.js';
import { open } from './host.js';
import { call, openReloaded } from './reloaded.js';

const testOnGlibc = testWhere(mappedLibc()?.flavour === 'glibc', 'only glibc unmaps a library, and only Linux shows what is mapped');
const testElsewhere = testWhere(process.platform !== 'win32' && mappedLibc()?.flavour !== 'glibc', 'this system unmaps libraries');

interface Opened {
  readonly host: PluginHost;
  readonly plugin: string;
  /** How many libraries of the plugin are mapped into this process. */
  readonly mapped: () => number;
}

async function openBuild(build: string, more: Partial<PluginHostOptions> = {}): Promise<Opened> {
  const [folder, copyDir] = [temporaryFolder(), temporaryFolder()];
  const plugin = installBuild(folder, build);
  const host = await open({ pluginDirs: [folder], trust: { copyDir }, ...more, updates: { probationMs: 0, ...more.updates } });
  const files = new Set<string>();
  const mapped = (): number => {
    files.clear();
    for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
      const [, , , device, inode, ...name] = line.split(/ +/);
      const file = name.join(' ').replace(/ \(deleted\)$/, '');
      // A file that was replaced has the name that it had.
      if (path.basename(file).startsWith(libraryFileName('unloads')) && (file.startsWith(folder) || file.startsWith(copyDir))) files.add(`${device} ${inode}`);
    }
    return files.size;
  };
  return { host, plugin, mapped };
}

/** Waits until the replaced generation has ended. */
const whenEnded = (host: PluginHost): Promise<void> => until(() => host.explain('unloads')?.otherGenerations === undefined);

describe('the library of a plugin that is replaced in-process', () => {
  testOnGlibc('is unmapped if nothing of it is left, and its exit handlers run first', async () => {
    const dataDir = temporaryFolder();
    const { host, plugin, mapped } = await openBuild('unloads-1', { dataDir });
    const version = host.find('tool', 'version');
    expect([await version?.call({}), mapped()]).toEqual([{ version: 1 }, 1]);
    putBuild(plugin, 'unloads-2');
    expect(await host.update('unloads')).toMatchObject({ outcome: 'updated', previousLibrary: { state: 'in use' } });
    await whenEnded(host);
    expect(host.explain('unloads')).toMatchObject({ lastUpdate: { outcome: 'updated', previousLibrary: { state: 'unmapped' } } });
    expect(host.explain('unloads')?.keptLibraries).toBeUndefined();
    expect([await version?.call({}), mapped()]).toEqual([{ version: 2 }, 1]);
    expect(readFileSync(path.join(dataDir, 'unloads', 'closed'), 'utf8')).toBe('closed\n');
  });

  testOnGlibc(
    'is unmapped each of 50 times: mappings, descriptors and private copies stay as many as they are',
    async () => {
      const { host, plugin, mapped } = await openBuild('unloads-1', { updates: { maxKept: 2 } });
      const version = host.find('tool', 'version');
      const descriptors = (): number => readdirSync('/proc/self/fd').length;
      let before = 0;
      for (let update = 1; update <= 50; update++) {
        const release = (update % 2) + 1;
        putBuild(plugin, `unloads-${release}`);
        expect(await host.update('unloads')).toMatchObject({ outcome: 'updated', generation: update + 1 });
        expect(await version?.call({})).toEqual({ version: release });
        await whenEnded(host);
        expect([host.explain('unloads')?.lastUpdate?.previousLibrary, mapped()]).toEqual([{ state: 'unmapped' }, 1]);
        if (update === 10) before = descriptors();
      }
      // A runner may be started meanwhile; each has some descriptors. A leak would be one for each update.
      expect(descriptors()).toBeLessThan(before + 40);
    },
    600_000,
  );

  const KEPT: readonly (readonly [build: string, what: string, reason: RegExp])[] = [
    ['unloads-thread-local', 'has a destructor of thread-local data', /__cxa_thread_atexit_impl/],
    ['unloads-thread', 'leaves a thread', /a thread of it \(\d+\) still runs/],
    ['unloads-never', 'is linked with -z nodelete', /-z nodelete/],
    ['unloads-unique', 'defines a unique symbol', /STB_GNU_UNIQUE/],
  ];
  for (const [build, what, reason] of KEPT) {
    testOnGlibc(`stays mapped if it ${what}, and the result or the report says so`, async () => {
      const { host, plugin, mapped } = await openBuild(build, { updates: { maxKept: 1 } });
      putBuild(plugin, 'unloads-2');
      const result = await host.update('unloads');
      await whenEnded(host);
      const verdict = { state: 'kept', reason: expect.stringMatching(reason) };
      expect(result).toMatchObject({ outcome: 'updated', previousLibrary: build === 'unloads-thread' ? { state: 'in use' } : verdict });
      expect(host.explain('unloads')).toMatchObject({ lastUpdate: { previousLibrary: verdict }, keptLibraries: [expect.stringMatching(reason)] });
      expect([await call(host, 'version'), mapped()]).toEqual([{ version: 2 }, 2]);
      putBuild(plugin, 'unloads-1');
      expect(await host.update('unloads')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_UPDATE_REFUSED', reason: expect.stringMatching(reason) } });
      expect(await call(host, 'version')).toEqual({ version: 2 });
    });
  }

  testOnGlibc('is unmapped if it is of new files that did not start, so that trying them again costs nothing', async () => {
    const { host, plugin } = await openReloaded('in-process', { updates: { maxKept: 1, probationMs: 0 } });
    putBuild(plugin, 'reloaded-refuses-init');
    for (let attempt = 1; attempt <= 4; attempt++) expect(await host.update('reloaded')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_INIT_FAILED' } });
    putBuild(plugin, 'reloaded-2');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated' });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testElsewhere('stays mapped on this system', async () => {
    const { host, plugin } = await openBuild('unloads-1');
    putBuild(plugin, 'unloads-2');
    expect(await host.update('unloads')).toMatchObject({ outcome: 'updated', previousLibrary: { state: 'kept' } });
  });
});

test('a plugin in a child process has no library in this one', async () => {
  const { host, plugin } = await openBuild('unloads-1', { isolation: 'process', updates: { probationMs: 0 } });
  if (process.platform !== 'win32') putBuild(plugin, 'unloads-2');
  const result = await host.update('unloads');
  expect(result).not.toHaveProperty('previousLibrary');
});
