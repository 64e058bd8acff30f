/** disable, replace the files, enable: what answers afterwards are the new files. */
import { describe, expect, test } from '@jest/globals';
import { chmodSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { Isolation } from '../../src/report/plugin-report.js';
import { copyFixture, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { errorOf, until } from '../support/host.js';
import { install, update, type Way } from '../support/releases.js';
import { appendToManifest, keepingLogger, open } from './host.js';

const HOMES: readonly (readonly [string, Isolation])[] = [
  ['in-process', 'in-process'],
  ['in a child of its own', 'process'],
  ['in a shared child', { process: 'shared' }],
];

const call = (host: PluginHost, tool: string): Promise<unknown> => host.find('tool', tool)?.call({}, { onChunk: () => undefined }) ?? Promise.resolve();

const libraryOf = (plugin: string): string => path.join(plugin, libraryFileName('updated'));

// Windows lets nobody write to the file of an open library.
const testOnPosix = testWhere(process.platform !== 'win32', 'Windows does not let the file of an open library be replaced');

describe.each(HOMES)('a plugin %s', (_name, isolation) => {
  /** A neighbour keeps a shared child alive. */
  async function openUpdated(release: 1 | 2) {
    const folder = temporaryFolder();
    const plugin = install(folder, release);
    copyFixture('inside-count', folder);
    const host = await open({ pluginDirs: [folder], isolation, trust: { copyDir: temporaryFolder() } });
    return { host, plugin };
  }

  testOnPosix('runs the new files after an update, however they were put in place', async () => {
    const { host, plugin } = await openUpdated(1);
    expect(await call(host, 'version')).toEqual({ version: 1 });
    for (const way of ['rename', 'overwrite', 'rename', 'overwrite'] as const) {
      for (const release of [2, 1] as const) {
        await host.disable('updated');
        update(plugin, release, way);
        expect(await host.enable('updated')).toMatchObject({ state: 'active', version: `${release}.0.0` });
        expect(await call(host, 'version')).toEqual({ version: release });
        expect(host.find('tool', 'added') !== undefined).toBe(release === 2);
        expect(await call(host, 'count')).toEqual({ calls: expect.any(Number) });
      }
    }
    expect(await host.find('tool', 'most_inside')?.call({})).toEqual({ most: 0 });
  });

  testOnPosix('runs the new library also if the manifest stayed as it was', async () => {
    const { host, plugin } = await openUpdated(2);
    for (const way of ['rename', 'overwrite'] as const) {
      await host.disable('updated');
      update(plugin, way === 'rename' ? 1 : 2, way, [libraryFileName('updated')]);
      await host.enable('updated');
      expect(await call(host, 'version')).toEqual({ version: way === 'rename' ? 1 : 2 });
    }
  });

  test('uses the same copy again if its files are the same', async () => {
    const { host } = await openUpdated(1);
    // A sandboxed child has its own folder for them. They are named by their content.
    const copies = (): unknown => host.explain('updated')?.trace.filter(({ check }) => check === 'a private copy of the plugin').map(({ found = '' }) => path.basename(path.dirname(found)));
    const before = copies();
    expect(before).toHaveLength(1);
    await host.disable('updated');
    await host.enable('updated');
    expect(copies()).toEqual(before);
    expect(await call(host, 'version')).toEqual({ version: 1 });
  });
});

describe.each(HOMES)('the files of a plugin %s', (_name, isolation) => {
  testOnPosix('are reported as changed while the old ones run, and rescan says so once', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const { lines, logger } = keepingLogger();
    const host = await open({ pluginDirs: [folder], isolation, logger });
    const warnings = (): number => lines.filter(({ level, message }) => level === 'warn' && message.includes('files of this plugin were changed')).length;
    await host.rescan();
    expect(host.explain('updated')?.filesChanged).toBeUndefined();
    update(plugin, 2, 'rename');
    expect(host.explain('updated')).toMatchObject({ state: 'active', version: '1.0.0', filesChanged: true });
    const seen: unknown[] = [];
    host.on('state', ({ id, filesChanged }) => seen.push([id, filesChanged]));
    expect(await host.rescan()).toEqual({ added: [], removed: [] });
    await host.rescan();
    expect([warnings(), seen]).toEqual([1, [['updated', true]]]);
    expect(await call(host, 'version')).toEqual({ version: 1 });
    await host.disable('updated');
    expect(host.explain('updated')?.filesChanged).toBeUndefined();
    const { version, filesChanged } = await host.enable('updated');
    expect([version, filesChanged]).toEqual(['2.0.0', undefined]);
  });

  test.each(['the library', 'the manifest', 'a library beside it', 'the whole folder'])('%s counts', async (what) => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const host = await open({ pluginDirs: [folder], isolation });
    if (what === 'the library') update(plugin, 2, 'rename', [libraryFileName('updated')]);
    if (what === 'the manifest') appendToManifest(plugin, '# another line\n');
    if (what === 'a library beside it') writeFileSync(path.join(plugin, libraryFileName('helper')), '');
    if (what === 'the whole folder') renameSync(plugin, path.join(folder, 'elsewhere'));
    expect(host.explain('updated')?.filesChanged).toBe(true);
  });

  test('that are no code do not count', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const host = await open({ pluginDirs: [folder], isolation });
    writeFileSync(path.join(plugin, 'cache.json'), '{}');
    chmodSync(libraryOf(plugin), 0o700);
    expect(host.explain('updated')?.filesChanged).toBeUndefined();
  });
});

/** The first generation runs from its folder. */
const updates = { maxFirstCopyBytes: 0 };

describe.each(HOMES.slice(1))('a plugin %s that runs from its folder, whose files were replaced, and which then crashes,', (_name, isolation) => {
  const comesBack = async (way: Way): Promise<void> => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    copyFixture('inside-count', folder);
    const host = await open({ pluginDirs: [folder], isolation, updates, processes: { restart: { firstPauseMs: 10 } } });
    const seen: unknown[] = [];
    host.on('state', ({ id, state, code }) => id === 'updated' && seen.push(state === 'failed' ? code : state));
    update(plugin, 2, way);
    expect(await errorOf(call(host, 'crash'))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
    await until(() => host.explain('updated')?.version === '2.0.0' && host.explain('updated')?.state === 'active');
    expect(seen).toEqual(['restarting', 'ERR_PLUGIN_CHANGED', 'retired', 'discovered', 'loaded', 'registered', 'active']);
    expect(await call(host, 'added')).toEqual({ version: 2 });
    expect(await host.find('tool', 'most_inside')?.call({})).toEqual({ most: 0 });
  };
  testOnPosix('comes back as what its folder holds now, if they were renamed', () => comesBack('rename'));
  testOnPosix('comes back as what its folder holds now, if they were overwritten', () => comesBack('overwrite'));

  testOnPosix('is not remembered as one that crashes', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const host = await open({ pluginDirs: [folder], isolation, updates, processes: { restart: { most: 0 } } });
    update(plugin, 2, 'overwrite');
    await errorOf(call(host, 'crash'));
    await until(() => host.explain('updated')?.state === 'quarantined');
    expect(await host.enable('updated')).toMatchObject({ state: 'active', version: '2.0.0' });
    await host.disable('updated');
    update(plugin, 1, 'rename');
    expect(await host.enable('updated')).toMatchObject({ state: 'active', version: '1.0.0' });
  });
});

describe('in one process', () => {
  test('a plugin that was disabled and enabled has its global variables from before, and a changed one starts afresh', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const host = await open({ pluginDirs: [folder], updates });
    expect(await call(host, 'count')).toEqual({ calls: 1 });
    await host.disable('updated');
    await host.enable('updated');
    expect(await call(host, 'count')).toEqual({ calls: 2 });
    await host.disable('updated');
    chmodSync(libraryOf(plugin), 0o700); // its ctime says that it may have been written to
    const { trace } = await host.enable('updated');
    expect(trace).toContainEqual(
      expect.objectContaining({ check: 'a private copy of the plugin', decision: 'noted', found: 'other bytes are mapped from this file or under its path' }),
    );
    expect(await call(host, 'count')).toEqual({ calls: 1 });
  });

  test('a private copy that somebody has touched or removed is not used again', async () => {
    const folder = temporaryFolder();
    install(folder, 1);
    const copyDir = temporaryFolder();
    const options = { pluginDirs: [folder], trust: { copyDir } };
    await open(options);
    // Windows keeps what is loaded: it can be renamed.
    const remove = (file: string): void => (process.platform === 'win32' ? renameSync(file, `${file}.removed`) : rmSync(file));
    for (const spoil of [(file: string) => chmodSync(file, 0o700), remove]) {
      const second = await open(options);
      expect(await call(second, 'count')).toEqual({ calls: 1 });
      await second.close();
      const copies = readdirSync(copyDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(libraryFileName('updated')));
      for (const name of copies) spoil(path.join(copyDir, name));
    }
    expect(await call(await open(options), 'count')).toEqual({ calls: 1 });
  });

  test.each(['the same folder', 'a symbolic link', 'a hard link', 'a copy'] as const)('two hosts with %s do not share a mapping', async (kind) => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    let second = folder;
    if (kind !== 'the same folder') second = temporaryFolder();
    if (kind === 'a symbolic link') symlinkSync(plugin, path.join(second, 'updated'), 'junction');
    if (kind === 'a copy') install(second, 1);
    if (kind === 'a hard link') {
      mkdirSync(path.join(second, 'updated'));
      for (const file of [libraryFileName('updated'), 'aisopod.plugin.toml']) linkSync(path.join(plugin, file), path.join(second, 'updated', file));
    }
    const [a, b] = [keepingLogger(), keepingLogger()];
    const trust = { copyDir: temporaryFolder() };
    const first = await open({ pluginDirs: [folder], trust, logger: a.logger });
    const other = await open({ pluginDirs: [second], trust, logger: b.logger });
    for (const [host, { lines }] of [[first, a], [other, b]] as const) {
      const chunks: unknown[] = [];
      expect(await host.find('tool', 'count')?.call({}, { onChunk: (chunk) => void chunks.push(chunk) })).toEqual({ calls: 1 });
      expect(chunks).toHaveLength(1);
      expect(lines.filter(({ message }) => message === 'counting')).toHaveLength(1);
    }
    await first.close();
    expect(await call(other, 'count')).toEqual({ calls: 2 });
  });

  test('hosts that follow each other use the same few mappings', async () => {
    const folder = temporaryFolder();
    install(folder, 1);
    const options = { pluginDirs: [folder], trust: { copyDir: temporaryFolder() } };
    const seen: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const hosts = [await open(options), await open(options), await open(options)];
      for (const host of hosts) seen.push(await call(host, 'count'));
      for (const host of hosts) await host.close();
    }
    expect(seen).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3].map((calls) => ({ calls })));
  });

  test('hosts that open at the same time do not share a mapping', async () => {
    const folder = temporaryFolder();
    install(folder, 1);
    const options = { pluginDirs: [folder], trust: { copyDir: temporaryFolder() } };
    const hosts = await Promise.all(Array.from({ length: 4 }, () => open(options)));
    for (const host of hosts) expect(await call(host, 'count')).toEqual({ calls: 1 });
  });
});
