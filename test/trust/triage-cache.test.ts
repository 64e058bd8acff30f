import { beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hostTarget, triage } from '../../src/triage/index.js';
import { CACHE_VERSION, cachedTriage } from '../../src/trust/triage-cache.js';
import { fixtureLibrary, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { asRoot, onPosix } from './plugin.js';

const withLinks = testWhere(process.platform !== 'win32', 'links need a privilege on Windows');

const [GOOD, OTHER] = [fixtureLibrary('good-c'), fixtureLibrary('good-cpp')];
const cacheFiles = (cacheDir: string): string[] => readdirSync(path.join(cacheDir, 'triage')).map((name) => path.join(cacheDir, 'triage', name));
const onlyFile = (cacheDir: string): string => {
  const files = cacheFiles(cacheDir);
  expect(files).toHaveLength(1);
  return files[0] ?? '';
};

/** Changes a remembered fact and keeps the file whole, so that a reading shows where it came from. */
function mark(file: string): void {
  const body = readFileSync(file, 'utf8').slice(65).replace('"goRuntime":false', '"goRuntime":true');
  writeFileSync(file, `${sha256(body)}\n${body}`);
}

async function isRemembered(library: string, cacheDir: string): Promise<boolean> {
  mark(onlyFile(cacheDir));
  return (await cachedTriage(library, cacheDir)).traits.goRuntime;
}

/** Until a file that was just written is remembered. */
async function settle(...files: readonly string[]): Promise<void> {
  while (files.some((file) => Date.now() - statSync(file).ctimeMs < 2_600)) await pause(100);
}

beforeAll(() => settle(GOOD, OTHER));

test('the version of the cache is that of the package', () => {
  const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  expect(CACHE_VERSION).toBe(version);
});

describe('a library that did not change', () => {
  test('is judged the same with a cold cache, a warm one and none', async () => {
    const cacheDir = temporaryFolder();
    const plain: unknown = JSON.parse(JSON.stringify(await triage(GOOD)));
    for (let round = 0; round < 3; round++) expect(JSON.parse(JSON.stringify(await cachedTriage(GOOD, cacheDir)))).toEqual(plain);
    expect(await isRemembered(GOOD, cacheDir)).toBe(true);
  });

  test('is judged anew for another target, from the same facts', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    expect((await cachedTriage(GOOD, cacheDir, { ...hostTarget(), abi: { min: 7, max: 9 } })).verdict).toMatchObject({ code: 'ERR_ABI_MISMATCH' });
    expect((await cachedTriage(GOOD, cacheDir, { ...hostTarget(), platform: 'aix' })).verdict).toMatchObject({ code: 'ERR_WRONG_PLATFORM' });
    expect((await cachedTriage(GOOD, cacheDir, { ...hostTarget(), arch: 'mips' })).verdict).toMatchObject({ code: 'ERR_WRONG_ARCHITECTURE' });
    expect((await cachedTriage(GOOD, cacheDir)).verdict.kind).toBe('fits');
  });
});

describe('a library that changed is read anew', () => {
  test('after another took its place, with the same size and time', async () => {
    const [folder, cacheDir] = [temporaryFolder(), temporaryFolder()];
    const library = path.join(folder, 'library');
    for (const name of ['library', 'other']) {
      copyFileSync(GOOD, path.join(folder, name));
      utimesSync(path.join(folder, name), 1_000_000, 1_000_000);
    }
    await settle(library, path.join(folder, 'other'));
    await cachedTriage(library, cacheDir);
    expect(await isRemembered(library, cacheDir)).toBe(true);
    renameSync(path.join(folder, 'other'), library);
    expect((await cachedTriage(library, cacheDir)).traits.goRuntime).toBe(false);
  });

  test('after it was written over in place and its time set back: that much shows in its ctime', async () => {
    const [folder, cacheDir] = [temporaryFolder(), temporaryFolder()];
    const library = path.join(folder, 'library');
    copyFileSync(GOOD, library);
    utimesSync(library, 1_000_000, 1_000_000);
    await settle(library);
    await cachedTriage(library, cacheDir);
    const bytes = readFileSync(library);
    bytes.fill('x', 0, 4);
    writeFileSync(library, bytes);
    utimesSync(library, 1_000_000, 1_000_000);
    await expect(cachedTriage(library, cacheDir)).rejects.toMatchObject({ code: 'ERR_LIBRARY_FORMAT' });
  });

  test('while it is fresh: a second change might not show', async () => {
    const [folder, cacheDir] = [temporaryFolder(), temporaryFolder()];
    copyFileSync(GOOD, path.join(folder, 'library'));
    await cachedTriage(path.join(folder, 'library'), cacheDir);
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});

describe('a cache that is no good', () => {
  test.each<[string, (text: string) => string]>([
    ['empty', () => ''],
    ['garbage', () => '\0\xff garbage'],
    ['cut off', (text) => text.slice(0, -10)],
    ['cut off after the hash', (text) => text.slice(0, 65)],
    ['of one changed letter', (text) => text.replace('"elf"', '"elg"').replace('"pe"', '"pf"').replace('"macho"', '"macha"')],
    ['of a wrong type', () => `${sha256('[]')}\n[]`],
    ['null', () => `${sha256('null')}\nnull`],
  ])('%s is ignored and written again', async (_, damage) => {
    const cacheDir = temporaryFolder();
    const plain: unknown = JSON.parse(JSON.stringify(await cachedTriage(GOOD, cacheDir)));
    const file = onlyFile(cacheDir);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, damage(text));
    expect(readFileSync(file, 'utf8')).not.toBe(text);
    expect(JSON.parse(JSON.stringify(await cachedTriage(GOOD, cacheDir)))).toEqual(plain);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(await isRemembered(GOOD, cacheDir)).toBe(true);
  });

  test('too large is ignored', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    truncateSync(onlyFile(cacheDir), 100 * 1024 * 1024);
    expect((await cachedTriage(GOOD, cacheDir)).verdict.kind).toBe('fits');
    expect(statSync(onlyFile(cacheDir)).size).toBeLessThan(1024 * 1024);
  });

  test('moved to the name of another library is ignored', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(OTHER, cacheDir);
    const other = onlyFile(cacheDir);
    await cachedTriage(GOOD, cacheDir);
    const own = cacheFiles(cacheDir).find((file) => file !== other) ?? '';
    mark(other);
    renameSync(other, own);
    expect((await cachedTriage(GOOD, cacheDir)).traits.goRuntime).toBe(false);
  });

  test('deleted costs only time', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    rmSync(cacheDir, { recursive: true });
    expect((await cachedTriage(GOOD, cacheDir)).verdict.kind).toBe('fits');
  });

  test('with a file where its folder belongs is done without', async () => {
    const cacheDir = temporaryFolder();
    writeFileSync(path.join(cacheDir, 'triage'), '');
    expect((await cachedTriage(GOOD, cacheDir)).verdict.kind).toBe('fits');
  });

  onPosix('that others can read or write is ignored; its own files they cannot', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    expect(statSync(onlyFile(cacheDir)).mode & 0o777).toBe(0o600);
    mark(onlyFile(cacheDir));
    chmodSync(onlyFile(cacheDir), 0o622);
    expect((await cachedTriage(GOOD, cacheDir)).traits.goRuntime).toBe(false);
    expect(statSync(onlyFile(cacheDir)).mode & 0o777).toBe(0o600);
  });

  asRoot("that is somebody else's is ignored", async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    mark(onlyFile(cacheDir));
    chownSync(onlyFile(cacheDir), 65534, 65534);
    expect((await cachedTriage(GOOD, cacheDir)).traits.goRuntime).toBe(false);
  });

  withLinks('that is a link is ignored', async () => {
    const cacheDir = temporaryFolder();
    await cachedTriage(GOOD, cacheDir);
    const file = onlyFile(cacheDir);
    mark(file);
    const elsewhere = path.join(temporaryFolder(), 'facts');
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    expect((await cachedTriage(GOOD, cacheDir)).traits.goRuntime).toBe(false);
  });
});

test('many writers at once leave one whole file', async () => {
  const cacheDir = temporaryFolder();
  await Promise.all(Array.from({ length: 30 }, () => cachedTriage(GOOD, cacheDir)));
  expect(await isRemembered(GOOD, cacheDir)).toBe(true);
});

test('a cache that grew large starts over, with the folder that an earlier version has in it', async () => {
  const cacheDir = temporaryFolder();
  mkdirSync(path.join(cacheDir, 'triage', 'triage'), { recursive: true });
  writeFileSync(path.join(cacheDir, 'triage', 'triage', 'old.json'), '');
  await cachedTriage(GOOD, cacheDir);
  expect(cacheFiles(cacheDir)).toHaveLength(2);
  for (let index = 0; index < 1_000; index++) writeFileSync(path.join(cacheDir, 'triage', `${index}.json`), '');
  await cachedTriage(OTHER, cacheDir);
  expect(cacheFiles(cacheDir)).toHaveLength(1);
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
