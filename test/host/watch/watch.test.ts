/** `watch`: plugins follow what happens in their folders. */
import { describe, expect, test } from '@jest/globals';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../../src/host/plugin-host.js';
import type { Isolation } from '../../../src/report/plugin-report.js';
import { answerOf } from '../../support/child.js';
import { copyFixture, fixtureLibrary, folderOf, isWine, libraryFileName, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { pause, until } from '../../support/host.js';
import { install, update } from '../../support/releases.js';
import { keepingLogger, manifestOf, open } from '../host.js';

const HOMES: readonly (readonly [string, Isolation])[] = [
  ['in-process', 'in-process'],
  ['in a child of its own', 'process'],
  ['in a shared child', { process: 'shared' }],
];

/** The notifications of wine say nothing of what is below a folder. */
const WATCH = isWine ? { pollMs: 20 } : true;

const stateOf = (host: PluginHost, id: string): string | undefined => host.explain(id)?.state;
const release = async (host: PluginHost): Promise<unknown> => host.find('tool', 'version')?.call({});

describe.each(HOMES)('a plugin %s', (_name, isolation) => {
  test('is loaded when its folder comes, updated when its files change, and ended when its folder goes', async () => {
    const dir = temporaryFolder();
    const host = await open({ pluginDirs: [dir], isolation, watch: WATCH });
    const folder = install(dir, 1);
    await until(() => stateOf(host, 'updated') === 'active');
    expect(await release(host)).toEqual({ version: 1 });
    update(folder, 2, 'rename');
    await until(() => host.explain('updated')?.version === '2.0.0');
    expect(await release(host)).toEqual({ version: 2 });
    expect(host.explain('updated')).toMatchObject({ state: 'active', generation: 2 });
    renameSync(folder, path.join(temporaryFolder(), 'away'));
    await until(() => stateOf(host, 'updated') === 'retired' && host.find('tool', 'version') === undefined);
  });

  // Windows lets nobody overwrite an open library; what runs is a copy, but the antivirus of a machine may hold the file.
  testWhere(process.platform !== 'win32', 'the file of a library can be overwritten')('runs from a private copy, so its library may be overwritten in place', async () => {
    const dir = temporaryFolder();
    const folder = install(dir, 1);
    const host = await open({ pluginDirs: [dir], isolation, watch: WATCH, updates: { allowFewer: true }, trust: { copyDir: temporaryFolder() } });
    const states: unknown[] = [];
    host.on('state', ({ state, generation }) => states.push([generation, state]));
    for (const [generation, version] of [[2, 2], [3, 1], [4, 2]] as const) {
      update(folder, version, 'overwrite');
      await until(() => host.explain('updated')?.generation === generation);
      expect(await release(host)).toEqual({ version });
    }
    expect(states.filter((one) => /restarting|failed|quarantined/.test(String(one)))).toEqual([]);
  });

  test('stays as it is while its new files are bad', async () => {
    const dir = temporaryFolder();
    const folder = install(dir, 1);
    const host = await open({ pluginDirs: [dir], isolation, watch: WATCH });
    writeFileSync(`${manifestOf(folder)}.new`, 'nonsense');
    renameSync(`${manifestOf(folder)}.new`, manifestOf(folder));
    await until(() => host.explain('updated')?.lastUpdate?.outcome === 'kept');
    expect(host.explain('updated')).toMatchObject({ state: 'active', version: '1.0.0', lastUpdate: { code: 'ERR_MANIFEST' } });
    expect(await release(host)).toEqual({ version: 1 });
    update(folder, 2, 'rename');
    await until(() => host.explain('updated')?.version === '2.0.0');
    expect(await release(host)).toEqual({ version: 2 });
    expect(host.report()).toHaveLength(1);
  });
});

test('a plugin whose configuration schema changes is updated', async () => {
  const dir = temporaryFolder();
  const folder = copyFixture('good-c', dir);
  const host = await open({ pluginDirs: [dir], watch: WATCH });
  const schema = path.join(folder, 'config.schema.json');
  writeFileSync(`${schema}.new`, '{"properties":{"greeting":{"default":"ahoy"}}}');
  renameSync(`${schema}.new`, schema);
  await until(() => host.explain('good-c')?.generation === 2);
  expect(await host.find('tool', 'config')?.call({})).toEqual({ greeting: 'ahoy' });
});

test('by polling as well', async () => {
  const dir = temporaryFolder();
  const host = await open({ pluginDirs: [dir], watch: { pollMs: 20 } });
  const folder = copyFixture('good-c', dir);
  await until(() => stateOf(host, 'good-c') === 'active');
  rmSync(folder, { recursive: true });
  await until(() => stateOf(host, 'good-c') === 'retired');
});

test('a folder that was refused is loaded once its files are there', async () => {
  const dir = folderOf('good-c');
  const library = path.join(dir, 'good-c', libraryFileName('good-c'));
  rmSync(library);
  const host = await open({ pluginDirs: [dir], watch: WATCH });
  expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_NOT_FOUND' });
  cpSync(fixtureLibrary('good-c'), library);
  await until(() => stateOf(host, 'good-c') === 'active');
});

test('another plugin in the folder takes the place of the one before', async () => {
  const dir = temporaryFolder();
  copyFixture('good-c', dir, 'folder');
  const host = await open({ pluginDirs: [dir], watch: WATCH });
  const next = copyFixture('good-cpp', temporaryFolder());
  rmSync(path.join(dir, 'folder'), { recursive: true });
  renameSync(next, path.join(dir, 'folder'));
  await until(() => stateOf(host, 'good-cpp') === 'active' && stateOf(host, 'good-c') === 'retired');
});

test('a plugin that the host has disabled stays so', async () => {
  const dir = temporaryFolder();
  const folder = install(dir, 1);
  copyFixture('good-c', dir);
  const host = await open({ pluginDirs: [dir], watch: WATCH });
  await host.disable('updated');
  update(folder, 2, 'rename');
  writeFileSync(manifestOf(path.join(dir, 'good-c')), readFileSync(manifestOf(path.join(dir, 'good-c'))));
  await until(() => host.explain('good-c')?.generation === 2);
  expect(host.explain('updated')).toMatchObject({ state: 'disabled' });
  expect(await host.enable('updated')).toMatchObject({ state: 'active', version: '2.0.0' });
});

test('without watch, nothing happens', async () => {
  const dir = temporaryFolder();
  const [without, watching] = [await open({ pluginDirs: [dir] }), await open({ pluginDirs: [dir], watch: WATCH })];
  copyFixture('good-c', dir);
  await until(() => stateOf(watching, 'good-c') === 'active');
  expect(without.report()).toEqual([]);
});

test('after close, nothing is followed and nothing is logged', async () => {
  const dir = temporaryFolder();
  const { lines, logger } = keepingLogger();
  const host = await open({ pluginDirs: [dir], watch: WATCH, logger });
  copyFixture('good-c', dir);
  await host.close();
  await pause(600);
  expect(host.report().filter(({ state }) => state === 'active')).toEqual([]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

const WATCHES = `const fs = require('node:fs');
  const watches = () => fs.readdirSync('/proc/self/fdinfo').flatMap((fd) => { try { return fs.readFileSync('/proc/self/fdinfo/' + fd, 'utf8').match(/^inotify /gm) ?? []; } catch { return []; } }).length;`;
const optionsFor = (dir: string): string => `{ pluginDirs: [${JSON.stringify(dir)}], hostVersion: '1.0.0', watch: ${JSON.stringify(WATCH)}, dataDir: ${JSON.stringify(temporaryFolder())}, stateDir: ${JSON.stringify(temporaryFolder())} }`;

const testOnLinux = testWhere(process.platform === 'linux', 'no list of what a process watches');
testOnLinux('no watcher is left after close', async () => {
  const dir = folderOf('good-c', 'good-cpp');
  const script = `${WATCHES} const before = watches(); const host = await aisopod.PluginHost.open(${optionsFor(dir)});
    const during = watches(); await host.close(); console.log(JSON.stringify([during - before, watches() - before]));`;
  expect(await answerOf(script)).toEqual([3, 0]);
});

test('a process that only watches ends by itself', async () => {
  const script = `const host = await aisopod.PluginHost.open(${optionsFor(temporaryFolder())}); console.log(JSON.stringify(host.report()));`;
  expect(await answerOf(script)).toEqual([]);
});
