/** Which plugin folders come, change and go, on real files. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PluginFolders, type PluginFoldersOptions } from '../../../src/host/watch/plugin-folders.js';
import { silentLogger } from '../../../src/log/logger.js';
import { copyFixture, fixtureDir, fixtureLibrary, isWine, libraryFileName, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { pause, until } from '../../support/host.js';

const open: PluginFolders[] = [];
afterEach(() => {
  for (const folders of open.splice(0)) folders.close();
});

async function watching(dirs: readonly string[], options: Partial<PluginFoldersOptions> = {}) {
  const changes: string[] = [];
  const folders = new PluginFolders({ dirs, logger: silentLogger, onChange: ({ kind, path: at }) => changes.push(`${kind} ${path.basename(at)}`), ...options });
  open.push(folders);
  await folders.start();
  return {
    folders,
    /** Waits for these changes, and for no other. */
    sees: async (...expected: string[]): Promise<void> => {
      await until(() => changes.length >= expected.length);
      expect(changes.splice(0).sort()).toEqual([...expected].sort());
    },
    changes,
  };
}

/** How an editor or a linker writes: another file, renamed. */
function replace(file: string, text: string | Buffer): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const manifestIn = (folder: string): string => path.join(folder, 'aisopod.plugin.toml');
const libraryIn = (folder: string): string => path.join(folder, libraryFileName('good-c'));

const testNotified = testWhere(!isWine, 'wine: a notification of a folder says nothing of what is below it');

describe.each<[string, Partial<PluginFoldersOptions>]>([
  ['with notifications', {}],
  ['by polling', { pollMs: 20 }],
])('%s', (_name, options) => {
  const testHere = options.pollMs === undefined ? testNotified : test;

  testHere('a folder comes, changes and goes; what was there before does not come', async () => {
    const dir = temporaryFolder();
    copyFixture('good-cpp', dir);
    const { sees } = await watching([dir], options);
    const folder = copyFixture('good-c', dir);
    await sees('came good-c');
    appendFileSync(manifestIn(folder), '# more\n');
    await sees('changed good-c');
    replace(manifestIn(folder), readFileSync(manifestIn(folder)));
    await sees('changed good-c');
    replace(libraryIn(folder), readFileSync(libraryIn(folder)));
    await sees('changed good-c');
    rmSync(folder, { recursive: true });
    await sees('went good-c');
    renameSync(path.join(dir, 'good-cpp'), path.join(dir, 'other'));
    await sees('went good-cpp', 'came other');
  });

  testHere('a folder that is put in place of another one has changed', async () => {
    const dir = temporaryFolder();
    const folder = copyFixture('good-c', dir);
    const { sees } = await watching([dir], options);
    const next = copyFixture('good-c', temporaryFolder());
    appendFileSync(manifestIn(next), '# more\n');
    rmSync(folder, { recursive: true });
    renameSync(next, folder);
    await sees('changed good-c');
    appendFileSync(manifestIn(folder), '# more\n');
    await sees('changed good-c');
  });

  testHere('the folder of plugin folders may come later, go and come again', async () => {
    const dir = path.join(temporaryFolder(), 'one', 'two');
    const { sees } = await watching([dir], options);
    for (let round = 0; round < 2; round++) {
      mkdirSync(dir, { recursive: true });
      copyFixture('good-c', dir);
      await sees('came good-c');
      rmSync(path.dirname(dir), { recursive: true });
      await sees('went good-c');
    }
  });

  testHere('the folder of this platform counts', async () => {
    const dir = temporaryFolder();
    const folder = copyFixture('good-c', dir);
    const { sees } = await watching([dir], options);
    const own = path.join(folder, `${process.platform}-${process.arch}`);
    mkdirSync(own);
    cpSync(libraryIn(folder), libraryIn(own));
    await sees('changed good-c');
    replace(libraryIn(own), readFileSync(libraryIn(own)));
    await sees('changed good-c');
  });

  testHere('links are followed: to a plugin folder, and to a library', async () => {
    const dir = temporaryFolder();
    const releases = [copyFixture('good-c', temporaryFolder(), 'first'), copyFixture('good-c', temporaryFolder(), 'second')] as const;
    const link = path.join(dir, 'linked');
    symlinkSync(releases[0], link, 'junction');
    const { sees } = await watching([dir], options);
    appendFileSync(manifestIn(releases[0]), '# more\n');
    await sees('changed linked');
    unlinkSync(link);
    symlinkSync(releases[1], link, 'junction');
    await sees('changed linked');
    if (process.platform === 'win32') return;
    const built = path.join(temporaryFolder(), libraryFileName('good-c'));
    cpSync(libraryIn(releases[1]), built);
    unlinkSync(libraryIn(releases[1]));
    symlinkSync(built, libraryIn(releases[1]));
    await sees('changed linked');
    replace(built, readFileSync(built));
    await sees('changed linked');
  });
});

testNotified('a file that is still being written is not reported', async () => {
  const dir = temporaryFolder();
  const folder = copyFixture('good-c', dir);
  const bytes = readFileSync(fixtureLibrary('good-c'));
  const { sees, changes } = await watching([dir]);
  for (let longestPause = Infinity; longestPause > 150; ) {
    // Again if the machine was so busy that the file stayed the same for a while.
    longestPause = 0;
    changes.length = 0;
    writeFileSync(libraryIn(folder), '');
    for (let at = 0, part = Math.ceil(bytes.length / 40); at < bytes.length; at += part) {
      const began = Date.now();
      await pause(15);
      appendFileSync(libraryIn(folder), bytes.subarray(at, at + part));
      longestPause = Math.max(longestPause, Date.now() - began);
    }
    if (longestPause <= 150) expect(changes).toEqual([]);
    await until(() => changes.length > 0);
  }
  await sees('changed good-c');
});

testNotified('other files do not count, and a folder without a manifest is no plugin folder', async () => {
  const dir = temporaryFolder();
  const folder = copyFixture('good-c', dir);
  const { sees, changes } = await watching([dir]);
  writeFileSync(path.join(folder, 'notes.txt'), 'text');
  writeFileSync(path.join(dir, 'notes.txt'), 'text');
  mkdirSync(path.join(dir, 'later'));
  cpSync(fixtureLibrary('good-c'), libraryIn(path.join(dir, 'later')));
  await pause(500);
  expect(changes).toEqual([]);
  cpSync(manifestIn(fixtureDir('good-c')), manifestIn(path.join(dir, 'later')));
  await sees('came later');
});

testNotified('cmake --install puts a plugin in place', async () => {
  const [dir, script] = [temporaryFolder(), path.join(temporaryFolder(), 'cmake_install.cmake')];
  const { sees } = await watching([dir]);
  const install = (from: string): void => {
    const quoted = (file: string): string => `"${file.replaceAll('\\', '/')}"`;
    const files = [manifestIn(from), libraryIn(from)].map(quoted).join(' ');
    // What a generated cmake_install.cmake has, which `cmake --install` runs.
    writeFileSync(script, `file(INSTALL DESTINATION ${quoted(path.join(dir, 'good-c'))} TYPE FILE FILES ${files})\n`);
    execFileSync('cmake', ['-P', script], { stdio: 'ignore' });
  };
  const build = copyFixture('good-c', temporaryFolder());
  install(build);
  await sees('came good-c');
  appendFileSync(manifestIn(build), '# more\n');
  install(build);
  await sees('changed good-c');
});

testNotified('thousands of folders, more than the system may watch at once', async () => {
  const dir = temporaryFolder();
  const names = Array.from({ length: 4_200 }, (_, index) => `plugin-${String(index).padStart(4, '0')}`);
  for (const name of names) {
    mkdirSync(path.join(dir, name));
    writeFileSync(manifestIn(path.join(dir, name)), '');
  }
  const { sees } = await watching([dir]);
  const some = [names[0], names[2_000], names.at(-1)].map((name) => name ?? '');
  for (const name of some) appendFileSync(manifestIn(path.join(dir, name)), '# more\n');
  await sees(...some.map((name) => `changed ${name}`));
  rmSync(path.join(dir, names.at(-1) ?? ''), { recursive: true });
  await sees(`went ${names.at(-1)}`);
});

const testWithRecursion = process.platform === 'linux' ? testWhere(false, 'Linux has no notification for a folder and all below it') : testNotified;
testWithRecursion('one watcher covers all plugin folders', async () => {
  const dir = temporaryFolder();
  const folder = copyFixture('good-c', dir);
  const { sees } = await watching([dir], { isRecursive: true });
  appendFileSync(manifestIn(folder), '# more\n');
  await sees('changed good-c');
});
