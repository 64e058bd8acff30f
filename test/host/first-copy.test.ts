/** The first generation of a plugin runs from a private copy, so that its files may be overwritten; or from its folder, if it cannot. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import { compileBundled, compilePlugin } from '../support/compile-plugin.js';
import { copyFixture, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';
import { putBuild } from '../support/releases.js';
import { open } from './host.js';
import { HOMES, call, copiesIn, openReloaded } from './reloaded.js';

const testOnLinux = testWhere(process.platform === 'linux', 'the maps of a process are in /proc');

/** The files of the plugin `reloaded` that its process has mapped. This process keeps those of earlier hosts. */
function mappedFiles(host: PluginHost): readonly string[] {
  const maps = readFileSync(`/proc/${host.explain('reloaded')?.pid ?? process.pid}/maps`, 'utf8').split('\n');
  return maps.filter((line) => line.endsWith(`/${libraryFileName('reloaded')}`)).map((line) => line.replace(/^[^/]*/, ''));
}

const copyOf = (host: PluginHost, id: string): string | undefined =>
  host.explain(id)?.trace.find(({ check }) => check === 'a private copy of the plugin')?.found;

describe.each(HOMES)('the first generation of a plugin %s', (_name, isolation) => {
  testOnLinux('runs from a private copy: its files may be overwritten, and a restart runs the same ones', async () => {
    const { host, plugin } = await openReloaded(isolation, { processes: { restart: { firstPauseMs: 10 } } });
    expect(mappedFiles(host)).toContain(copyOf(host, 'reloaded'));
    expect(mappedFiles(host)).not.toContain(path.join(plugin, libraryFileName('reloaded')));
    putBuild(plugin, 'reloaded-2', 'overwrite');
    expect(await call(host, 'version')).toEqual({ version: 1 });
    expect(host.explain('reloaded')).toMatchObject({ filesChanged: true });
    if (isolation !== 'in-process') {
      expect(await errorOf(call(host, 'crash'))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
      expect(await call(host, 'version')).toEqual({ version: 1 });
    }
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', version: '2.0.0' });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testOnLinux('runs from its folder if there are to be no first copies', async () => {
    const { host, plugin } = await openReloaded(isolation, { updates: { maxFirstCopyBytes: 0 } });
    expect(mappedFiles(host)).toContain(path.join(plugin, libraryFileName('reloaded')));
    expect(copyOf(host, 'reloaded')).toBeUndefined();
  });

  test('runs from its folder if that has more bytes than are copied', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(copyFixture('good-c', folder), 'model.bin'), Buffer.alloc(2 ** 20));
    const { host } = await openReloaded(isolation, { updates: { maxFirstCopyBytes: 2 ** 20 } }, folder);
    expect(copyOf(host, 'good-c')).toMatch(/^none, it runs from its folder: .*1048576 bytes/);
    expect(copyOf(host, 'reloaded')).toContain(libraryFileName('reloaded'));
    expect(host.explain('good-c')).toMatchObject({ state: 'active', warnings: [] });
  });
});

test.each(['process', 'in-process'] as const)('errors of a plugin that runs from a copy name its own file (%s)', async (isolation) => {
  const folder = temporaryFolder();
  for (const fixture of ['create-null', 'id-mismatch', 'init-fails']) copyFixture(fixture, folder);
  const host = await open({ pluginDirs: [folder], isolation });
  for (const [fixture, code] of [['create-null', 'ERR_CREATE_FAILED'], ['id-mismatch', 'ERR_ID_MISMATCH'], ['init-fails', 'ERR_INIT_FAILED']] as const) {
    expect(copyOf(host, fixture)).not.toContain(folder);
    expect(host.explain(fixture)).toMatchObject({ code, message: expect.stringContaining(path.join(folder, fixture)) });
  }
});

test('a plugin that cannot be copied runs from its folder', async () => {
  const [folder, parent] = [temporaryFolder(), temporaryFolder()];
  copyFixture('good-c', folder);
  const copyDir = path.join(parent, 'a file');
  writeFileSync(copyDir, '');
  const host = await open({ pluginDirs: [folder], trust: { copyDir } });
  expect(host.explain('good-c')).toMatchObject({ state: 'active', warnings: [] });
  expect(copyOf(host, 'good-c')).toMatch(/^none, it runs from its folder: /);
});

testOnLinux('a plugin that needs a library outside its folder, from where it lies, runs from its folder', async () => {
  const folder = temporaryFolder();
  const beside = path.join(folder, 'common');
  compileBundled(beside, 'libcommon-numbers.so', 'int common_number(void) { return 7; }');
  mkdirSync(path.join(folder, 'plugins'));
  const source = 'int common_number(void);\nstatic int32_t answer(void *s, const aisopod_request *q, aisopod_reply *r) { (void)s; (void)q; return aisopod_reply_json(r, common_number() == 7 ? "7" : "0"); }';
  compilePlugin(path.join(folder, 'plugins'), 'outside', { source, flags: [path.join(beside, 'libcommon-numbers.so'), '-Wl,-rpath,$ORIGIN/../../common'] });
  const host = await open({ pluginDirs: [path.join(folder, 'plugins')] });
  expect(host.explain('outside')).toMatchObject({ state: 'active' });
  expect(copyOf(host, 'outside')).toMatch(/^none, it runs from its folder: .*libcommon-numbers/);
  expect(await host.find('tool', 'outside')?.call({})).toBe(7);
});

test('the copy of a plugin in a child of its own is gone once it has ended, also if it failed', async () => {
  const [folder, copyDir] = [temporaryFolder(), temporaryFolder()];
  copyFixture('init-fails', folder);
  // In a sandbox the folder of all copies would go with the child.
  const { host } = await openReloaded('process', { sandbox: 'off', trust: { copyDir } }, folder);
  const failed = copyOf(host, 'init-fails') ?? '';
  expect([host.explain('init-fails')?.state, failed.startsWith(copyDir), existsSync(failed)]).toEqual(['failed', true, false]);
  expect(copiesIn(copyDir)).toHaveLength(1);
  await host.close();
  expect(copiesIn(copyDir)).toEqual([]);
});
