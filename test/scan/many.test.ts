/** A large folder is read on another thread. What is found must not depend on that. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { discover, ManifestCache, type Discovery } from '../../src/scan/index.js';
import { projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { MINIMAL } from '../manifest/sample.js';

const MANY = 130;
const onPosix = testWhere(process.platform !== 'win32', 'links need a privilege on Windows, and it has no named pipes');

const manifestOf = (id: string): string => MINIMAL.replace('id = "weather"', `id = "${id}"`);
const idOf = (index: number): string => `plugin-${String(index).padStart(4, '0')}`;

function write(folder: string, manifest: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'aisopod.plugin.toml');
  writeFileSync(file, manifest);
  return file;
}

function manyPlugins(count = MANY): string {
  const dir = temporaryFolder();
  for (let index = 0; index < count; index++) write(path.join(dir, idOf(index)), manifestOf(idOf(index)));
  return dir;
}

const ids = ({ candidates }: Discovery): string[] => candidates.map(({ id }) => id);
const refusals = ({ refused }: Discovery) => refused.map(({ path: folder, error }) => [path.basename(folder), error.code]);

test('finds every plugin, in the order of the folder names', async () => {
  const dir = manyPlugins();
  const found = await discover({ pluginDirs: [dir] });
  expect(ids(found)).toEqual(Array.from({ length: MANY }, (_, index) => idOf(index)));
  const [first] = found.candidates;
  expect(first).toMatchObject({ path: path.join(dir, idOf(0)), manifestPath: path.join(dir, idOf(0), 'aisopod.plugin.toml'), manifest: { plugin: { name: 'Weather' } } });
  expect(found.refused).toEqual([]);
});

test('each folder with a problem is refused for its reason, and the others are found', async () => {
  const dir = manyPlugins();
  write(path.join(dir, 'a-broken'), 'not toml');
  write(path.join(dir, 'a-bytes'), Uint8Array.of(0x61, 0xff));
  write(path.join(dir, 'a-large'), `#${'x'.repeat(64 * 1024)}`);
  write(path.join(dir, 'z-again'), manifestOf(idOf(3)));
  mkdirSync(path.join(dir, 'a-folder', 'aisopod.plugin.toml'), { recursive: true });
  mkdirSync(path.join(dir, 'a-nothing'));
  writeFileSync(path.join(dir, 'a-file'), '');
  const found = await discover({ pluginDirs: [dir] });
  expect(ids(found)).toHaveLength(MANY);
  expect(refusals(found)).toEqual([
    ['a-broken', 'ERR_MANIFEST'],
    ['a-bytes', 'ERR_MANIFEST'],
    ['a-folder', 'ERR_IO'],
    ['a-large', 'ERR_MANIFEST'],
    ['z-again', 'ERR_DUPLICATE_ID'],
  ]);
});

onPosix('links are followed, a folder counts once, and a named pipe does not block', async () => {
  const dir = manyPlugins();
  const elsewhere = temporaryFolder();
  write(path.join(elsewhere, 'linked'), manifestOf('linked'));
  symlinkSync(path.join(elsewhere, 'linked'), path.join(dir, 'a-linked'));
  symlinkSync(path.join(dir, idOf(0)), path.join(dir, 'z-same'));
  mkdirSync(path.join(dir, 'a-manifest'));
  symlinkSync(write(path.join(elsewhere, 'manifest'), manifestOf('manifest')), path.join(dir, 'a-manifest', 'aisopod.plugin.toml'));
  mkdirSync(path.join(dir, 'a-pipe'));
  expect(spawnSync('mkfifo', [path.join(dir, 'a-pipe', 'aisopod.plugin.toml')]).status).toBe(0);
  symlinkSync('nowhere', path.join(dir, 'a-dangling'));
  const found = await discover({ pluginDirs: [dir] });
  expect(ids(found)).toHaveLength(MANY + 2);
  expect(ids(found).slice(0, 2)).toEqual(['linked', 'manifest']);
  expect(refusals(found)).toEqual([
    ['a-dangling', 'ERR_IO'],
    ['a-pipe', 'ERR_IO'],
  ]);
});

describe('a second scan', () => {
  const cache = new ManifestCache();
  let dir: string;
  let first: Discovery;
  const scan = (): Promise<Discovery> => discover({ pluginDirs: [dir] }, cache);

  beforeAll(async () => {
    dir = manyPlugins();
    write(path.join(dir, 'z-broken'), 'not toml');
    first = await scan();
  });

  test('parses no manifest again that has not changed, and keeps its refusal', async () => {
    const second = await scan();
    expect(ids(second)).toEqual(ids(first));
    second.candidates.forEach(({ manifest }, index) => expect(manifest).toBe(first.candidates[index]?.manifest));
    expect(second.refused).toEqual(first.refused);
  });

  test('sees a manifest of the same length whose modification time was set back', async () => {
    const file = path.join(dir, idOf(5), 'aisopod.plugin.toml');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, manifestOf(idOf(5)).replace('Weather', 'Climate'));
    utimesSync(file, atime, mtime);
    expect((await scan()).candidates[5]?.manifest.plugin.name).toBe('Climate');
  });

  test('sees one that replaces another, one that is repaired, and one that is gone', async () => {
    const replacement = write(temporaryFolder(), manifestOf(idOf(6)).replace('Weather', 'Replaced'));
    renameSync(replacement, path.join(dir, idOf(6), 'aisopod.plugin.toml'));
    write(path.join(dir, 'z-broken'), manifestOf('repaired'));
    rmSync(path.join(dir, idOf(7)), { recursive: true });
    const found = await scan();
    expect(found.candidates.find(({ id }) => id === idOf(6))?.manifest.plugin.name).toBe('Replaced');
    expect(ids(found)).toContain('repaired');
    expect(ids(found)).not.toContain(idOf(7));
    expect(found.refused).toEqual([]);
  });
});

test('other work goes on during a scan', async () => {
  const dir = manyPlugins(1000);
  let turns = 0;
  const count = (): void => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  expect(ids(await discover({ pluginDirs: [dir] }))).toHaveLength(1000);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(1000 / 64);
});

const permission = ['--permission', '--experimental-permission'].find((flag) => process.allowedNodeEnvironmentFlags.has(flag));

testWhere(permission !== undefined, 'this Node has no permission model')('where no thread may be started, the files are read all the same', () => {
  const scan = JSON.stringify(path.join(projectRoot, 'build/modules/scan/index.js'));
  const program = `require(${scan}).discover({ pluginDirs: [${JSON.stringify(manyPlugins())}] }).then(({ candidates, refused }) => console.log(candidates.length, refused.length))`;
  const { stdout } = spawnSync(process.execPath, [permission ?? '', '--allow-fs-read=*', '-e', program], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect(stdout.trim()).toBe(`${MANY} 0`);
});
