import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Trace } from '../../src/report/trace.js';
import type { Candidate } from '../../src/scan/index.js';
import { formatLock, lockPlugins, parseLock, readLock, verifyAgainstLock, writeLock, type Lock, type LockEntry } from '../../src/trust/index.js';
import { hostPlatform } from '../../src/trust/entry.js';
import { FOLDER_LIMITS } from '../../src/trust/read-folder.js';
import { refusalOf, rejectionOf } from '../manifest/sample.js';
import { libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { LIBRARY, admitted, makePlugin, onPosix, refusal } from './plugin.js';

const withLinks = testWhere(process.platform !== 'win32', 'links need a privilege on Windows');

const entry = (changes: Partial<LockEntry> = {}): LockEntry => ({
  id: 'weather',
  version: '1.4.0',
  platform: 'all',
  files: [{ path: 'a', sha256: '0'.repeat(64) }],
  ...changes,
});
const lockOf = (...plugins: unknown[]): string => JSON.stringify({ lockVersion: 1, plugins });

async function locked(files: Record<string, string> = {}): Promise<{ candidate: Candidate; lock: Lock; lockFile: string }> {
  const plugins = temporaryFolder();
  const candidate = await makePlugin(plugins, files);
  const lock = await lockPlugins([candidate]);
  const lockFile = path.join(plugins, 'aisopod-plugins.lock');
  await writeLock(lockFile, lock);
  return { candidate, lock, lockFile };
}

describe('a lock', () => {
  test('has every file of the folder with its SHA-256, wherever it lies', async () => {
    const { lock } = await locked({ 'data/deep/a.txt': 'abc', '.hidden': '' });
    expect(lock.plugins).toMatchObject([{ id: 'weather', version: '1.4.0', platform: hostPlatform() }]);
    const files = lock.plugins[0]?.files ?? [];
    expect(files.map((file) => file.path)).toEqual(['.hidden', 'aisopod.plugin.toml', 'data/deep/a.txt', LIBRARY]);
    expect(files).toContainEqual({ path: 'data/deep/a.txt', sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' });
  });

  test('is for all platforms where the folder holds libraries by platform', async () => {
    const { lock } = await locked({ 'win32-x64/weather.dll': 'x', 'darwin-arm64/libweather.dylib': 'x' });
    expect(lock.plugins).toMatchObject([{ platform: 'all' }]);
  });

  test('survives being written and read, and is written the same whatever the order', async () => {
    const { lock, lockFile } = await locked({ z: '', a: '' });
    expect(await readLock(lockFile)).toEqual(lock);
    const other = entry({ id: 'another' });
    const [one, two] = [lock.plugins, [...lock.plugins].map((plugin) => ({ ...plugin, files: [...plugin.files].reverse() }))];
    expect(formatLock({ lockVersion: 1, plugins: [other, ...one] })).toBe(formatLock({ lockVersion: 1, plugins: [...two, other] }));
  });

  test('keeps what the one before it says of other plugins and platforms', async () => {
    const plugins = temporaryFolder();
    const others = [entry({ id: 'another' }), entry({ platform: 'aix-ppc64' })];
    const lock = await lockPlugins([await makePlugin(plugins)], { previous: { lockVersion: 1, plugins: [...others, entry({ platform: hostPlatform() })] } });
    expect(lock.plugins).toEqual([...others, expect.objectContaining({ platform: hostPlatform(), files: expect.any(Array) })]);
    expect(lock.plugins[2]?.files).toHaveLength(2);
    const after = await lockPlugins([await makePlugin(plugins)], { previous: { lockVersion: 1, plugins: [entry()] } });
    expect(after.plugins).toMatchObject([{ platform: hostPlatform() }]);
  });

  test('is replaced in one step and leaves nothing beside it', async () => {
    const { lock, lockFile } = await locked();
    const writers = Array.from({ length: 20 }, () => writeLock(lockFile, lock));
    const readers = Array.from({ length: 20 }, () => readLock(lockFile));
    await Promise.all(writers);
    for (const read of await Promise.all(readers)) expect(read).toEqual(lock);
    expect(readdirSync(path.dirname(lockFile)).sort()).toEqual(['aisopod-plugins.lock', 'weather']);
  });
});

describe('a lock that is none is refused', () => {
  test.each([
    ['nothing', ''],
    ['half of it', lockOf(entry()).slice(0, -9)],
    ['null', 'null'],
    ['a list', '[]'],
    ['another version', JSON.stringify({ lockVersion: 2, plugins: [] })],
    ['an unknown key', JSON.stringify({ lockVersion: 1, plugins: [], more: 1 })],
    ['a prototype as key', '{"lockVersion":1,"plugins":[],"__proto__":{"x":1}}'],
    ['a prototype as key of an entry', lockOf(entry()).replace('"id"', '"__proto__":{},"id"')],
    ['an id that is none', lockOf(entry({ id: '../x' }))],
    ['a path that leads out', lockOf(entry({ files: [{ path: '../x', sha256: '0'.repeat(64) }] }))],
    ['an absolute path', lockOf(entry({ files: [{ path: '/x', sha256: '0'.repeat(64) }] }))],
    ['a line feed in a path, which would forge the signed text', lockOf(entry({ files: [{ path: 'a\nid b', sha256: '0'.repeat(64) }] }))],
    ['a hash that is none', lockOf(entry({ files: [{ path: 'a', sha256: 'A'.repeat(64) }] }))],
    ['a file twice', lockOf(entry({ files: [...entry().files, ...entry().files] }))],
    ['an entry twice', lockOf(entry(), entry())],
    ['an entry for all and one for a platform', lockOf(entry(), entry({ platform: 'linux-x64' }))],
    ['a platform that is none', lockOf(entry({ platform: 'linux-x64\nid b' }))],
    ['too much', `${lockOf(entry())}${' '.repeat(17 * 1024 * 1024)}`],
  ])('%s', (_, text) => {
    const error = refusalOf(() => parseLock(text, '/p/lock'));
    expect(error).toMatchObject({ code: 'ERR_LOCK_FILE', step: 'trust', path: '/p/lock' });
    expect({}).not.toHaveProperty('x');
  });

  test('says which key is unknown, or where the wrong value is', () => {
    const errorOf = (text: string): unknown => refusalOf(() => parseLock(text));
    const known = { expected: 'only known keys', found: 'the unknown key "more" in document' };
    expect(errorOf(JSON.stringify({ lockVersion: 1, plugins: [], more: 1 }))).toMatchObject(known);
    expect(errorOf('{"lockVersion":1,"plugins":5}')).toMatchObject({ expected: 'a list of plugins', found: 'another value at document.plugins' });
  });

  test('a file that is too large, a folder, and bytes that are no text', async () => {
    const file = path.join(temporaryFolder(), 'lock');
    writeFileSync(file, '');
    truncateSync(file, 17 * 1024 * 1024);
    expect(await rejectionOf(readLock(file))).toMatchObject({ code: 'ERR_LOCK_FILE', path: file });
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(await rejectionOf(readLock(file))).toMatchObject({ code: 'ERR_LOCK_FILE', expected: 'UTF-8' });
    expect(await rejectionOf(readLock(path.dirname(file)))).toMatchObject({ step: 'trust', path: path.dirname(file) });
  });
});

describe('a plugin against its lock', () => {
  const changes: [string, string, (folder: string) => void][] = [
    ['a library that was changed', `${LIBRARY} was changed`, (folder) => writeFileSync(path.join(folder, LIBRARY), 'evil')],
    ['a file that was added', `${libraryFileName('z')} was added`, (folder) => writeFileSync(path.join(folder, libraryFileName('z')), 'evil')],
    ['a file that is missing', 'data.txt is missing', (folder) => rmSync(path.join(folder, 'data.txt'))],
    ['a library that now wins', `${hostPlatform()}/${LIBRARY} was added`, (folder) => {
      mkdirSync(path.join(folder, hostPlatform()));
      writeFileSync(path.join(folder, hostPlatform(), LIBRARY), 'evil');
    }],
  ];
  test.each(changes)('%s is refused', async (_, found, change) => {
    const { candidate, lock, lockFile } = await locked({ 'data.txt': '' });
    await verifyAgainstLock(candidate, lock, lockFile);
    change(candidate.path);
    expect(await rejectionOf(verifyAgainstLock(candidate, lock, lockFile))).toMatchObject({ code: 'ERR_LOCK_MISMATCH', step: 'trust', pluginId: 'weather', found });
    expect(await refusal(candidate, { locked: 'require', copyDir: temporaryFolder() })).toMatchObject({ code: 'ERR_LOCK_MISMATCH', found, lockFile });
  });

  test('another version says so', async () => {
    const { candidate, lock, lockFile } = await locked();
    const older = { lockVersion: 1, plugins: lock.plugins.map((plugin) => ({ ...plugin, version: '1.3.0' })) } as const;
    expect(await rejectionOf(verifyAgainstLock(candidate, older, lockFile))).toMatchObject({ expected: 'version 1.3.0', found: 'version 1.4.0' });
  });

  test('no entry, one for another platform only, and no lock file each say so', async () => {
    const { candidate, lockFile } = await locked();
    const options = { locked: 'require', copyDir: temporaryFolder() } as const;
    await writeLock(lockFile, { lockVersion: 1, plugins: [entry({ id: 'another' })] });
    expect(await refusal(candidate, options)).toMatchObject({ code: 'ERR_NOT_LOCKED', found: 'none', lockFile });
    await writeLock(lockFile, { lockVersion: 1, plugins: [entry({ platform: 'aix-ppc64' })] });
    expect(await refusal(candidate, options)).toMatchObject({ code: 'ERR_NOT_LOCKED', found: 'one for aix-ppc64' });
    rmSync(lockFile);
    expect(await refusal(candidate, options)).toMatchObject({ code: 'ERR_NOT_LOCKED', found: 'no such file' });
    expect(await admitted(candidate, { locked: 'off' })).toMatchObject({ isCopy: false });
  });

  test('warn says so in the trace and admits; nothing is copied', async () => {
    const { candidate, lockFile } = await locked();
    const copyDir = path.join(temporaryFolder(), 'copies');
    const noted = async (): Promise<string | undefined> => {
      const trace = new Trace();
      await expect(admitted(candidate, { locked: 'warn', copyDir }, trace)).resolves.toMatchObject({ isCopy: false });
      return trace.entries.find((one) => one.check === 'lock' && one.decision === 'noted')?.found;
    };
    expect(await noted()).toBe('all files match the lock');
    writeFileSync(path.join(candidate.path, LIBRARY), 'changed');
    expect(await noted()).toContain('ERR_LOCK_MISMATCH');
    rmSync(lockFile);
    expect(await noted()).toContain('ERR_NOT_LOCKED');
    expect(readdirSync(path.dirname(copyDir))).toEqual([]);
  });

  test('require loads a copy of the very bytes, from a folder for this user alone', async () => {
    const { candidate } = await locked({ 'data/a.txt': 'abc' });
    const copyDir = temporaryFolder();
    const { library, isCopy } = await admitted(candidate, { locked: 'require', copyDir });
    expect(isCopy).toBe(true);
    expect(library.startsWith(copyDir)).toBe(true);
    writeFileSync(path.join(candidate.path, LIBRARY), 'changed later');
    expect(readFileSync(library, 'utf8')).toBe('code');
    expect(readFileSync(path.join(path.dirname(library), 'data/a.txt'), 'utf8')).toBe('abc');
  });

  test('the same bytes are kept once', async () => {
    const { candidate } = await locked();
    const options = { locked: 'require', copyDir: temporaryFolder() } as const;
    const copies = await Promise.all([admitted(candidate, options), admitted(candidate, options), admitted(candidate, options)]);
    expect(new Set(copies.map(({ library }) => library)).size).toBe(1);
    const [own = ''] = readdirSync(options.copyDir);
    expect(readdirSync(path.join(options.copyDir, own))).toHaveLength(1);
  });

  test('a refused plugin leaves no copy', async () => {
    const { candidate } = await locked();
    const copyDir = temporaryFolder();
    writeFileSync(path.join(candidate.path, LIBRARY), 'evil');
    await refusal(candidate, { locked: 'require', copyDir });
    const [own = ''] = readdirSync(copyDir);
    expect(readdirSync(path.join(copyDir, own))).toEqual([]);
  });

  test('a manifest that was replaced after the scan is refused, even if it is locked', async () => {
    const { candidate, lockFile } = await locked();
    const manifest = readFileSync(candidate.manifestPath, 'utf8');
    writeFileSync(candidate.manifestPath, `${manifest}\n[capabilities]\ntools = ["more"]\n`);
    await writeLock(lockFile, await lockPlugins([candidate]));
    expect(await refusal(candidate, { locked: 'require', copyDir: temporaryFolder() })).toMatchObject({ code: 'ERR_PLUGIN_CHANGED', pluginId: 'weather' });
  });
});

describe('what cannot be hashed is refused by name', () => {
  onPosix('a named pipe, without waiting for a writer', async () => {
    const candidate = await makePlugin(temporaryFolder());
    execFileSync('mkfifo', [path.join(candidate.path, 'pipe')]);
    expect(await rejectionOf(lockPlugins([candidate]))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER', path: path.join(candidate.path, 'pipe') });
  });

  onPosix('a name that Windows cannot have', async () => {
    const candidate = await makePlugin(temporaryFolder(), { 'a:b': '' });
    expect(await rejectionOf(lockPlugins([candidate]))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER', found: '"a:b"' });
  });

  withLinks('links in a ring end at a limit', async () => {
    const candidate = await makePlugin(temporaryFolder());
    mkdirSync(path.join(candidate.path, 'c'));
    for (const name of ['a', 'b']) symlinkSync('.', path.join(candidate.path, 'c', name));
    expect(await rejectionOf(lockPlugins([candidate]))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER' });
  });

  test('too many bytes, before they are read', async () => {
    const candidate = await makePlugin(temporaryFolder(), { large: '' });
    truncateSync(path.join(candidate.path, 'large'), FOLDER_LIMITS.bytes + 1);
    expect(await rejectionOf(lockPlugins([candidate]))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER', expected: `at most ${FOLDER_LIMITS.bytes} bytes in all` });
  });

  test('too many files', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const many = path.join(candidate.path, 'many');
    mkdirSync(many);
    for (let index = 0; index < FOLDER_LIMITS.entries; index++) writeFileSync(path.join(many, String(index)), '');
    expect(await rejectionOf(lockPlugins([candidate]))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER', expected: expect.stringContaining('10000 files') });
  });
});
