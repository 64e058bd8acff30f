import { beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveLibrary } from '../../src/scan/index.js';
import { temporaryFolder, unprivileged } from '../manifest/folder.js';
import { rejectionOf } from '../manifest/sample.js';

const root = temporaryFolder();
const onUnix = process.platform === 'win32' ? test.skip : test;
const LINUX = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const;
let folder: string;
const plain = () => join(folder, 'libweather.so');
const special = () => join(folder, 'linux-x64', 'libweather.so');
const resolved = () => resolveLibrary(folder, 'weather', LINUX);

beforeEach(() => {
  folder = mkdtempSync(join(root, 'plugin '));
  chmodSync(folder, 0o755);
});

test('the plain file', async () => {
  writeFileSync(plain(), '');
  expect(await resolved()).toBe(plain());
});

test('the folder of the platform wins over the plain file', async () => {
  writeFileSync(plain(), '');
  mkdirSync(join(folder, 'linux-x64'));
  expect(await resolved()).toBe(plain());
  writeFileSync(special(), '');
  expect(await resolved()).toBe(special());
});

test('on musl the folder for musl wins over that of the platform; on glibc it is never used', async () => {
  const musl = join(folder, 'linux-x64-musl', 'libweather.so');
  mkdirSync(join(folder, 'linux-x64-musl'));
  writeFileSync(musl, '');
  const onMusl = () => resolveLibrary(folder, 'weather', { ...LINUX, libc: 'musl' });
  expect(await onMusl()).toBe(musl);
  expect(await rejectionOf(resolved())).toMatchObject({ code: 'ERR_LIBRARY_NOT_FOUND', tried: [special(), plain()] });
  mkdirSync(join(folder, 'linux-x64'));
  writeFileSync(special(), '');
  expect([await onMusl(), await resolved()]).toEqual([musl, special()]);
  rmSync(musl);
  expect(await onMusl()).toBe(special());
  rmSync(special());
  expect(await rejectionOf(onMusl())).toMatchObject({ tried: [musl, special(), plain()] });
});

test('another platform has another folder and another name', async () => {
  mkdirSync(join(folder, 'win32-arm64'));
  writeFileSync(join(folder, 'win32-arm64', 'weather.dll'), '');
  expect(await resolveLibrary(folder, 'weather', { platform: 'win32', arch: 'arm64' })).toBe(join(folder, 'win32-arm64', 'weather.dll'));
  expect((await rejectionOf(resolveLibrary(folder, 'weather', { platform: 'win32', arch: 'x64' }))).code).toBe('ERR_LIBRARY_NOT_FOUND');
});

test('none: the error names what was tried', async () => {
  expect(await rejectionOf(resolved())).toMatchObject({ code: 'ERR_LIBRARY_NOT_FOUND', tried: [special(), plain()], entryPoint: 'weather', path: folder });
});

test('entry_point with its prefix: the hint gives the bare name', async () => {
  writeFileSync(plain(), '');
  const error = await rejectionOf(resolveLibrary(folder, 'libweather', LINUX));
  expect(error.hint).toContain('Set entry_point to "weather"');
});

test('a plugin folder that is gone, or a file where a folder is expected', async () => {
  writeFileSync(join(folder, 'linux-x64'), '');
  expect((await rejectionOf(resolved())).code).toBe('ERR_LIBRARY_NOT_FOUND');
  expect((await rejectionOf(resolveLibrary(join(folder, 'none'), 'weather'))).code).toBe('ERR_LIBRARY_NOT_FOUND');
});

test('a folder of that name is no library', async () => {
  mkdirSync(plain());
  expect(await rejectionOf(resolved())).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', found: 'a folder', path: plain() });
});

onUnix('a link to the library is followed, a dangling one is told of (Unix)', async () => {
  symlinkSync('weather-1.so', plain());
  expect(await rejectionOf(resolved())).toMatchObject({ code: 'ERR_IO', step: 'open', path: plain(), reason: 'a symbolic link to a file that does not exist' });
  writeFileSync(join(folder, 'weather-1.so'), '');
  expect(await resolved()).toBe(plain());
});

onUnix('a folder that may not be entered (Unix)', async () => {
  mkdirSync(join(folder, 'linux-x64'), { mode: 0 });
  expect(await unprivileged(() => rejectionOf(resolved()))).toMatchObject({ code: 'ERR_IO', path: special(), cause: { code: 'EACCES' } });
});

test('a plugin in an archive of Electron: the error says to unpack it', async () => {
  const archive = join(folder, 'app.asar');
  writeFileSync(archive, '');
  const error = await rejectionOf(resolveLibrary(join(archive, 'plugins', 'weather'), 'weather', LINUX));
  expect(error).toMatchObject({ code: 'ERR_LIBRARY_PATH', archive, path: join(archive, 'plugins', 'weather') });
  expect(error.hint).toContain(`${archive}.unpacked: asarUnpack`);
});

test('a folder whose name ends as that of an archive does is a folder', async () => {
  const plugin = join(folder, 'app.asar', 'weather');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(plugin, 'libweather.so'), '');
  expect(await resolveLibrary(plugin, 'weather', LINUX)).toBe(join(plugin, 'libweather.so'));
});
