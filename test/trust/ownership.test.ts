import { describe, expect, test } from '@jest/globals';
import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MANIFEST_FILENAME } from '../../src/manifest/index.js';
import { Trace } from '../../src/report/trace.js';
import type { Candidate } from '../../src/scan/index.js';
import { lockPlugins, writeLock } from '../../src/trust/index.js';
import { temporaryFolder } from '../support/fixtures.js';
import { LIBRARY, admitted, asRoot, candidateIn, makePlugin, onPosix, refusal } from './plugin.js';

const NOBODY = 65534;
/** A number that no group has, so that nobody is known to be alone in it. */
const STRANGE_GROUP = 54321;

/** `<temporary>/above/plugins/weather`, with the library in a folder of its own. */
async function nested(): Promise<Candidate & Readonly<Record<'above' | 'plugins' | 'libraryFolder' | 'library', string>>> {
  const above = path.join(temporaryFolder(), 'above');
  const plugins = path.join(above, 'plugins');
  const libraryFolder = `${process.platform}-${process.arch}`;
  const candidate = await makePlugin(plugins, { [`${libraryFolder}/${LIBRARY}`]: 'code' });
  const folder = path.join(candidate.path, libraryFolder);
  return { ...candidate, above, plugins, libraryFolder: folder, library: path.join(folder, LIBRARY) };
}

const PLACES = ['path', 'manifestPath', 'library', 'libraryFolder', 'plugins', 'above'] as const;

describe('who may replace a plugin', () => {
  onPosix('files of this user with usual modes are admitted', async () => {
    const trace = new Trace();
    await expect(admitted(await nested(), {}, trace)).resolves.toBeDefined();
    expect(trace.entries).toContainEqual(expect.objectContaining({ check: 'ownership and permissions', decision: 'passed' }));
  });

  for (const place of PLACES) {
    onPosix(`everybody: refused (${place})`, async () => {
      const plugin = await nested();
      const target = plugin[place];
      const mode = lstatSync(target).mode & 0o777;
      chmodSync(target, mode | 0o002);
      const shown = `0${(mode | 0o002).toString(8)}`;
      expect(await refusal(plugin)).toMatchObject({
        code: 'ERR_UNSAFE_PERMISSIONS',
        step: 'trust',
        pluginId: 'weather',
        path: target,
        mode: shown,
        uid: process.geteuid?.(),
        expected: 'no write permission for others',
        found: `mode ${shown}`,
        hint: `Run: chmod o-w ${target}`,
      });
    });

    asRoot(`another user, as owner: refused (${place})`, async () => {
      const plugin = await nested();
      chownSync(plugin[place], NOBODY, 0);
      expect(await refusal(plugin)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: plugin[place], uid: NOBODY, found: `user ${NOBODY}` });
    });

    asRoot(`a group with strangers in it: refused (${place})`, async () => {
      const plugin = await nested();
      chownSync(plugin[place], 0, STRANGE_GROUP);
      await expect(admitted(plugin)).resolves.toBeDefined();
      chmodSync(plugin[place], (lstatSync(plugin[place]).mode & 0o777) | 0o020);
      expect(await refusal(plugin)).toMatchObject({
        code: 'ERR_UNSAFE_PERMISSIONS',
        path: plugin[place],
        gid: STRANGE_GROUP,
        expected: "no write permission for a group that is not the owner's own",
        hint: `Run: chmod g-w ${plugin[place]}`,
      });
    });
  }

  asRoot("the owner's own group: admitted, as umask 002 makes files", async () => {
    const plugin = await nested();
    for (const place of PLACES) chmodSync(plugin[place], lstatSync(plugin[place]).mode | 0o020);
    await expect(admitted(plugin)).resolves.toBeDefined();
  });

  onPosix('a sticky folder above the plugin is fine, as /tmp is', async () => {
    const plugin = await nested();
    chmodSync(plugin.plugins, 0o1777);
    await expect(admitted(plugin)).resolves.toBeDefined();
  });

  onPosix('a sticky plugin folder is not: a library put into it is found', async () => {
    const plugin = await nested();
    for (const folder of [plugin.path, plugin.libraryFolder]) {
      chmodSync(folder, 0o1777);
      expect(await refusal(plugin)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: folder });
      chmodSync(folder, 0o755);
    }
  });
});

describe('the way over links', () => {
  onPosix('a folder that holds a link counts, and so does where it leads', async () => {
    const real = await nested();
    const links = path.join(temporaryFolder(), 'links');
    mkdirSync(links);
    symlinkSync(real.path, path.join(links, 'weather'));
    const candidate = await candidateIn(path.join(links, 'weather'));
    await expect(admitted(candidate)).resolves.toBeDefined();
    chmodSync(links, 0o777);
    expect(await refusal(candidate)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: links });
    chmodSync(links, 0o755);
    chmodSync(real.plugins, 0o777);
    expect(await refusal(candidate)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: real.plugins });
  });

  asRoot("another user's link in a sticky folder is refused, wherever it leads", async () => {
    const real = await nested();
    const shared = path.join(temporaryFolder(), 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    const link = path.join(shared, 'weather');
    symlinkSync(real.path, link);
    lchownSync(link, NOBODY, NOBODY);
    expect(await refusal(await candidateIn(link))).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: link, uid: NOBODY });
  });

  onPosix('links with parent folders in them are followed as the system follows them', async () => {
    const plugin = await nested();
    const moved = path.join(plugin.path, 'deep', 'er', 'code');
    mkdirSync(path.dirname(moved), { recursive: true });
    renameSync(plugin.library, moved);
    symlinkSync(path.join('..', 'deep', '.', 'er', '..', 'er', 'code'), plugin.library);
    await expect(admitted(plugin)).resolves.toBeDefined();
    chmodSync(path.dirname(moved), 0o777);
    expect(await refusal(plugin)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: path.dirname(moved) });
  });
});

describe('as strictly as the host wants', () => {
  onPosix('warn admits, logs and notes', async () => {
    const plugin = await nested();
    chmodSync(plugin.manifestPath, 0o666);
    const [trace, warnings] = [new Trace(), [] as unknown[][]];
    const nothing = (): void => undefined;
    const logger = { debug: nothing, info: nothing, error: nothing, warn: (...args: unknown[]) => void warnings.push(args) };
    await admitted(plugin, { ownership: 'warn' }, trace, logger);
    expect(warnings).toMatchObject([[expect.stringContaining('mode 0666'), { pluginId: 'weather', code: 'ERR_UNSAFE_PERMISSIONS', path: plugin.manifestPath }]]);
    expect(trace.entries).toContainEqual(
      expect.objectContaining({ step: 'trust', check: 'ownership and permissions', decision: 'noted', found: expect.stringContaining('ERR_UNSAFE_PERMISSIONS') }),
    );
  });

  onPosix('off admits and says that nothing was checked', async () => {
    const plugin = await nested();
    chmodSync(plugin.manifestPath, 0o666);
    const trace = new Trace();
    await admitted(plugin, { ownership: 'off' }, trace);
    expect(trace.entries).toContainEqual(expect.objectContaining({ check: 'ownership and permissions', decision: 'noted', found: expect.stringMatching(/^not checked/) }));
  });

  onPosix('a lock that anybody can rewrite proves nothing', async () => {
    const plugin = await nested();
    const lockFile = path.join(temporaryFolder(), 'lock');
    await writeLock(lockFile, await lockPlugins([plugin]));
    chmodSync(lockFile, 0o666);
    const options = { locked: 'require', lockFile, copyDir: temporaryFolder() } as const;
    expect(await refusal(plugin, options)).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: lockFile });
    await expect(admitted(plugin, { ...options, ownership: 'off' })).resolves.toBeDefined();
  });

  onPosix('copies are made in no folder that others may change', async () => {
    const plugin = await nested();
    const copyDir = path.join(temporaryFolder(), 'copies');
    const lockFile = path.join(temporaryFolder(), 'lock');
    await writeLock(lockFile, await lockPlugins([plugin]));
    mkdirSync(copyDir);
    chmodSync(copyDir, 0o777);
    expect(await refusal(plugin, { locked: 'require', lockFile, copyDir })).toMatchObject({ code: 'ERR_UNSAFE_PERMISSIONS', path: copyDir });
  });
});

test('a file that vanishes is an error of this step that names it', async () => {
  const plugin = await nested();
  renameSync(plugin.manifestPath, `${plugin.manifestPath}.gone`);
  writeFileSync(path.join(plugin.path, 'x'), '');
  expect(await refusal(plugin)).toMatchObject({ code: 'ERR_IO', step: 'trust', path: path.join(plugin.path, MANIFEST_FILENAME) });
});
