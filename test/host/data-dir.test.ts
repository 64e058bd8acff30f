import { expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folderOf, temporaryFolder, testWhere } from '../support/fixtures.js';
import { open, plain } from './host.js';

const testPosix = testWhere(process.platform !== 'win32', 'no modes on this platform');
const modeOf = (folder: string): string => (statSync(folder).mode & 0o777).toString(8);

test('each plugin has a folder of its own, there before init', async () => {
  const dataDir = path.join(temporaryFolder(), 'not', 'there', 'yet');
  const seen: unknown[] = [];
  const init = (context: { dataDir: string }): void => void seen.push(context.dataDir, existsSync(context.dataDir));
  await open({ dataDir, plugins: [plain('a', { init }), plain('b', { init })] });
  expect(seen).toEqual([path.join(dataDir, 'a'), true, path.join(dataDir, 'b'), true]);
});

test('a plugin in C writes there', async () => {
  const dataDir = temporaryFolder();
  const host = await open({ dataDir, pluginDirs: [folderOf('good-c')] });
  await host.find('tool', 'data_file')?.call({});
  expect(readFileSync(path.join(dataDir, 'good-c', 'written.txt'), 'utf8')).toBe('written by good-c\n');
});

test('a path that is relative, or begins with ~, is absolute to the plugin', async () => {
  const inside = path.relative(process.cwd(), temporaryFolder());
  let got = '';
  await open({ dataDir: inside, plugins: [plain('a', { init: (context) => void (got = context.dataDir) })] });
  expect(got).toBe(path.resolve(inside, 'a'));
});

testPosix('its mode is 0700, whatever the umask', async () => {
  const dataDir = temporaryFolder();
  const umask = process.umask(0);
  try {
    await open({ dataDir, plugins: [plain('a')] });
  } finally {
    process.umask(umask);
  }
  expect(modeOf(path.join(dataDir, 'a'))).toBe('700');
});

testPosix('a folder that is there already, and open to others, is closed to them; what is in it stays', async () => {
  const dataDir = temporaryFolder();
  const folder = path.join(dataDir, 'a');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  writeFileSync(path.join(folder, 'kept'), 'kept');
  await open({ dataDir, plugins: [plain('a')] });
  expect([modeOf(folder), readFileSync(path.join(folder, 'kept'), 'utf8')]).toEqual(['700', 'kept']);
});

test('a file where the folder should be is a typed error of that plugin', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(path.join(dataDir, 'a'), '');
  const host = await open({ dataDir, plugins: [plain('a'), plain('b')] });
  expect(host.explain('a')).toMatchObject({ state: 'failed', step: 'init', code: 'ERR_IO' });
  expect(host.explain('b')).toMatchObject({ state: 'active' });
});
