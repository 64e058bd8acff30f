import { beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import type { Logger } from '../../src/log/logger.js';
import { discover, type Discovery } from '../../src/scan/index.js';
import { temporaryFolder, unprivileged } from '../manifest/folder.js';
import { MINIMAL, rejectionOf } from '../manifest/sample.js';

const root = temporaryFolder();
const onUnix = process.platform === 'win32' ? test.skip : test;
const onLinux = process.platform === 'linux' ? test : test.skip;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(root, 'plugins-'));
  chmodSync(dir, 0o755);
});

function plugin(folder: string, id: string, rest = ''): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'aisopod.plugin.toml'), MINIMAL.replace('id = "weather"', `id = "${id}"`) + rest);
  return folder;
}

const ids = ({ candidates }: Discovery) => candidates.map(({ id }) => id);
const refusals = ({ refused }: Discovery) => refused.map(({ path, error }) => [path, error.code]);

/** A logger that keeps what it hears, as `level: message path`. */
function listener(): Logger & { readonly heard: string[] } {
  const heard: string[] = [];
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => void heard.push(`${level}: ${message} ${String(fields?.path)}`);
  return { heard, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

describe('what it finds', () => {
  test('a candidate has id, folder, manifest path and manifest', async () => {
    const path = plugin(join(dir, 'some folder'), 'weather');
    const { candidates, refused } = await discover({ pluginDirs: [dir] });
    expect(candidates).toMatchObject([{ id: 'weather', path, manifestPath: join(path, 'aisopod.plugin.toml'), manifest: { plugin: { name: 'Weather' } } }]);
    expect(refused).toEqual([]);
  });

  test('a plugin in an archive of Electron is the one that was unpacked beside it, if it was', async () => {
    const [plugins, unpacked] = [join(dir, 'app.asar', 'plugins'), join(dir, 'app.asar.unpacked', 'plugins')];
    for (const id of ['a', 'b']) plugin(join(plugins, id), id);
    plugin(join(unpacked, 'b'), 'b');
    mkdirSync(join(unpacked, 'a'));
    const { candidates } = await discover({ pluginDirs: [plugins] });
    expect(candidates.map(({ path }) => path)).toEqual([join(plugins, 'a'), join(unpacked, 'b')]);
    expect(candidates[1]?.manifestPath).toBe(join(unpacked, 'b', 'aisopod.plugin.toml'));
  });

  test('a missing folder and an empty one are no error', async () => {
    expect(await discover({ pluginDirs: [join(dir, 'none'), join(dir, 'none', 'deeper'), dir] })).toEqual({ candidates: [], refused: [] });
    expect(await discover({ pluginDirs: [] })).toEqual({ candidates: [], refused: [] });
  });

  test('files and subfolders without a manifest are skipped, and the log says so', async () => {
    writeFileSync(join(dir, 'README'), '');
    mkdirSync(join(dir, 'notes'));
    const logger = listener();
    expect(await discover({ pluginDirs: [dir], logger })).toEqual({ candidates: [], refused: [] });
    expect(logger.heard).toEqual([`debug: Skipped: not a folder. ${join(dir, 'README')}`, `debug: Skipped: it has no aisopod.plugin.toml. ${join(dir, 'notes', 'aisopod.plugin.toml')}`]);
  });

  test('a plugin folder given in place of the folder around it is warned of', async () => {
    const logger = listener();
    await discover({ pluginDirs: [plugin(join(dir, 'a'), 'a')], logger });
    expect(logger.heard).toEqual([expect.stringMatching(/^warn: A plugin folder was given/)]);
  });

  test('a path relative to the working directory becomes absolute', async () => {
    plugin(join(dir, 'a'), 'a');
    const { candidates } = await discover({ pluginDirs: [relative(process.cwd(), dir)] });
    expect(candidates[0]?.path).toBe(join(dir, 'a'));
  });

  test('a leading ~ is the home folder', async () => {
    plugin(join(dir, 'a'), 'a');
    const fromHome = `~/${relative(homedir(), dir).replaceAll('\\', '/')}`;
    expect(ids(await discover({ pluginDirs: [fromHome] }))).toEqual(['a']);
  });
});

describe('order', () => {
  test('folders as given; names by code point, whatever the locale', async () => {
    const second = join(dir, 'second');
    const first = join(dir, 'first');
    const names = ['Z', 'a', 'ä', 'y', '\uff5e', '😀', '10', '9'];
    names.forEach((name, index) => plugin(join(first, name), `first-${index}`));
    plugin(join(second, 'a'), 'second');
    const { candidates } = await discover({ pluginDirs: [second, first] });
    expect(candidates.map(({ path }) => path)).toEqual([join(second, 'a'), ...['10', '9', 'Z', 'a', 'y', 'ä', '\uff5e', '😀'].map((name) => join(first, name))]);
  });

  onUnix('names may hold spaces, any script and newlines (Unix)', async () => {
    const names = ['with space', 'погода', 'new\nline', "quote'\"", '$(id)', '-rf'];
    names.forEach((name, index) => plugin(join(dir, name), `p${index}`));
    const { candidates, refused } = await discover({ pluginDirs: [dir] });
    expect(candidates.map(({ path }) => path).sort()).toEqual(names.map((name) => join(dir, name)).sort());
    expect(refused).toEqual([]);
  });
});

describe('twice', () => {
  test('of two plugins with one id the first wins; the other is refused and names it', async () => {
    const winner = plugin(join(dir, 'a'), 'weather');
    const loser = plugin(join(dir, 'b'), 'weather');
    const found = await discover({ pluginDirs: [dir] });
    expect(found.candidates.map(({ path }) => path)).toEqual([winner]);
    expect(found.refused).toMatchObject([{ id: 'weather', path: loser, error: { code: 'ERR_DUPLICATE_ID', winner, pluginId: 'weather' } }]);
  });

  test('a plugin that is refused does not keep another from its id', async () => {
    plugin(join(dir, 'a'), 'weather', '[compatibility]\nmin_host_version = "9.0.0"');
    plugin(join(dir, 'b'), 'weather');
    const found = await discover({ pluginDirs: [dir], hostVersion: '1.0.0' });
    expect(found.candidates.map(({ path }) => path)).toEqual([join(dir, 'b')]);
    expect(refusals(found)).toEqual([[join(dir, 'a'), 'ERR_VERSION_COMPATIBILITY']]);
  });

  test('the same folder is scanned once, however it is written', async () => {
    plugin(join(dir, 'a'), 'a');
    const found = await discover({ pluginDirs: [dir, dir, `${dir}/`, join(dir, '.'), `${dir}/a/..`] });
    expect(ids(found)).toEqual(['a']);
    expect(found.refused).toEqual([]);
  });

  onUnix('the same folder by a link is scanned once (Unix)', async () => {
    plugin(join(dir, 'real', 'a'), 'a');
    symlinkSync('real', join(dir, 'link'));
    symlinkSync('a', join(dir, 'real', 'same'));
    const found = await discover({ pluginDirs: [join(dir, 'link'), join(dir, 'real')] });
    expect(found.candidates.map(({ path }) => path)).toEqual([join(dir, 'link', 'a')]);
    expect(found.refused).toEqual([]);
  });

  test('a folder inside a folder that is scanned too is still scanned', async () => {
    plugin(join(dir, 'inner', 'a'), 'a');
    expect(ids(await discover({ pluginDirs: [dir, join(dir, 'inner')] }))).toEqual(['a']);
  });
});

describe('what it refuses, while the rest goes on', () => {
  beforeEach(() => void plugin(join(dir, 'good'), 'good'));

  test('a file in place of a folder of plugins', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const found = await discover({ pluginDirs: [file, dir] });
    expect(ids(found)).toEqual(['good']);
    expect(found.refused).toMatchObject([{ path: file, error: { code: 'ERR_DIRECTORY_SCAN', expected: 'a folder', found: 'a file', path: file } }]);
  });

  test('a bad manifest; its id is known where it could be read', async () => {
    plugin(join(dir, 'bad'), 'bad', 'typo = 1');
    plugin(join(dir, 'worse'), 'worse', '[[[');
    const found = await discover({ pluginDirs: [dir] });
    expect(ids(found)).toEqual(['good']);
    expect(found.refused).toMatchObject([
      { id: 'bad', path: join(dir, 'bad'), error: { code: 'ERR_MANIFEST', path: join(dir, 'bad', 'aisopod.plugin.toml') } },
      { path: join(dir, 'worse'), error: { code: 'ERR_MANIFEST' } },
    ]);
    expect(found.refused[1]).not.toHaveProperty('id');
  });

  test('a plugin for another host version; its id is known', async () => {
    plugin(join(dir, 'new'), 'new', 'later = 1\n[compatibility]\nmin_host_version = "2.0.0"');
    const found = await discover({ pluginDirs: [dir], hostVersion: '1.0.0' });
    expect(ids(found)).toEqual(['good']);
    expect(found.refused).toMatchObject([{ id: 'new', path: join(dir, 'new'), error: { code: 'ERR_VERSION_COMPATIBILITY' } }]);
  });

  test('a manifest that is a folder', async () => {
    mkdirSync(join(dir, 'odd', 'aisopod.plugin.toml'), { recursive: true });
    const found = await discover({ pluginDirs: [dir] });
    expect([ids(found), refusals(found)]).toEqual([['good'], [[join(dir, 'odd'), 'ERR_IO']]]);
  });

  onUnix('links: to a folder it is followed; dangling and looping ones are refused (Unix)', async () => {
    plugin(join(dir, 'elsewhere', 'p'), 'linked');
    const plugins = join(dir, 'plugins');
    mkdirSync(plugins);
    symlinkSync('../elsewhere/p', join(plugins, 'link'));
    symlinkSync('nowhere', join(plugins, 'dangling'));
    symlinkSync('loop', join(plugins, 'loop'));
    const found = await discover({ pluginDirs: [plugins] });
    expect(found.candidates).toMatchObject([{ id: 'linked', path: join(plugins, 'link') }]);
    expect(found.refused).toMatchObject([
      { path: join(plugins, 'dangling'), error: { code: 'ERR_IO', reason: 'a symbolic link to a file that does not exist' } },
      { path: join(plugins, 'loop'), error: { code: 'ERR_IO', reason: 'a symbolic link that points back to itself' } },
    ]);
  });

  onUnix('a folder of plugins that is a dangling or looping link (Unix)', async () => {
    const links = ['dangling', 'loop'].map((name) => join(dir, name));
    symlinkSync('nowhere', join(dir, 'dangling'));
    symlinkSync('loop', join(dir, 'loop'));
    expect(refusals(await discover({ pluginDirs: links }))).toEqual(links.map((path) => [path, 'ERR_DIRECTORY_SCAN']));
  });

  onUnix('a manifest that is a dangling link is not taken for none (Unix)', async () => {
    mkdirSync(join(dir, 'odd'));
    symlinkSync('nowhere', join(dir, 'odd', 'aisopod.plugin.toml'));
    expect(refusals(await discover({ pluginDirs: [dir] }))).toEqual([[join(dir, 'odd'), 'ERR_IO']]);
  });

  onUnix('no permission: for the folder, a plugin folder, a manifest (Unix)', async () => {
    const secret = join(dir, 'secret');
    plugin(join(secret, 'p'), 'p');
    plugin(join(dir, 'closed'), 'closed');
    chmodSync(join(plugin(join(dir, 'unreadable'), 'unreadable'), 'aisopod.plugin.toml'), 0);
    const closed = [secret, join(dir, 'closed')];
    closed.forEach((path) => chmodSync(path, 0));
    try {
      const found = await unprivileged(() => discover({ pluginDirs: [secret, dir] }));
      expect(ids(found)).toEqual(['good']);
      expect(refusals(found)).toEqual([
        [secret, 'ERR_DIRECTORY_SCAN'],
        [join(dir, 'closed'), 'ERR_IO'],
        [secret, 'ERR_IO'],
        [join(dir, 'unreadable'), 'ERR_IO'],
      ]);
      for (const { error } of found.refused) expect(error.cause).toMatchObject({ code: 'EACCES' });
    } finally {
      closed.forEach((path) => chmodSync(path, 0o755));
    }
  });

  onLinux('a folder name that is no UTF-8 (Linux)', async () => {
    const name = Buffer.concat([Buffer.from(`${dir}/bad-`), Buffer.from([0xff])]);
    mkdirSync(name);
    try {
      const found = await discover({ pluginDirs: [dir] });
      expect(found.refused).toMatchObject([{ error: { code: 'ERR_IO', reason: 'its name is not valid UTF-8' } }]);
      expect(ids(found)).toEqual(['good']);
    } finally {
      rmSync(name, { recursive: true });
    }
  });

  // Windows says of a path that is too long only that it is not there.
  test.each(['a\0b', ...(process.platform === 'win32' ? [] : ['x'.repeat(5_000)])])('a path that the system will not take (%#)', async (path) => {
    const found = await discover({ pluginDirs: [path, dir] });
    expect(ids(found)).toEqual(['good']);
    expect(found.refused.map(({ error }) => error.code)).toEqual(['ERR_DIRECTORY_SCAN']);
  });
});

describe('what comes and goes during the scan is found or not, and never an error', () => {
  // A process of its own: two loops in this one would take turns and hardly ever meet. Folders are moved in
  // and out whole, since a half-written manifest would be rightly refused, and made anew outside.
  const COME_AND_GO = `
    const { cpSync, renameSync, rmSync } = require('node:fs');
    const [inside, outside] = process.argv.slice(1);
    const pause = () => { const end = performance.now() + Math.random() / 5; while (performance.now() < end); };
    for (;;) {
      cpSync(outside, outside + '-copy', { recursive: true });
      renameSync(outside + '-copy', inside);
      pause();
      renameSync(inside, outside + '-old');
      rmSync(outside + '-old', { recursive: true });
      pause();
    }`;

  /** Scans `folder` while `inside` comes and goes, until both have been met; and that was never an error. */
  async function scanBeside(folder: string, inside: string, outside: string): Promise<Set<string>> {
    const child = spawn(process.execPath, ['-e', COME_AND_GO, inside, outside], { stdio: 'ignore' });
    const seen = new Set<string>();
    try {
      for (let round = 0; round < 1_500 || (seen.size < 2 && round < 20_000); round++) {
        const found = await discover({ pluginDirs: [folder] });
        expect(found.refused).toEqual([]);
        seen.add(ids(found).join());
      }
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    return seen;
  }

  test('a plugin folder', async () => {
    plugin(join(dir, 'a'), 'a');
    plugin(join(dir, 'c'), 'c');
    const outside = plugin(join(root, 'outside-b'), 'b');
    expect(await scanBeside(dir, join(dir, 'b'), outside)).toEqual(new Set(['a,c', 'a,b,c']));
  });

  test('a folder of plugins', async () => {
    const outside = join(dir, 'outside');
    plugin(join(outside, 'a'), 'a');
    const moving = join(dir, 'moving');
    expect(await scanBeside(moving, moving, outside)).toEqual(new Set(['', 'a']));
  });
});

test('a host version that is none is the mistake of the caller', async () => {
  expect(await rejectionOf(discover({ pluginDirs: [dir], hostVersion: 'v1' }))).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'host' });
});
