/** What runs when: nothing before everything that can be known of the file, and then one step after the other. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { copyFixture, libraryFileName, temporaryFolder } from '../support/fixtures.js';

interface Loaded {
  /** What loading ended with: `loaded`, or a code. */
  readonly end: string;
  /** Lines that the fixture left: one for each entry into it. */
  readonly entered: readonly string[];
}

/** A copy of a fixture as the only plugin of a folder, changed by `change`. */
function folderWith(fixture: string, change: (plugin: string) => void): string {
  const folder = temporaryFolder();
  change(copyFixture(fixture, folder));
  return folder;
}

const LOAD = `
  const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [process.env.FOLDER], hostVersion: '1.0.0' });
  const { candidates, refused } = await loader.discover();
  let end = refused[0]?.error.code ?? 'loaded';
  for (const candidate of candidates) await loader.loadPlugin(candidate).catch((error) => (end = error.code));`;

async function load(folder: string, script = LOAD): Promise<Loaded> {
  const witness = path.join(folder, 'entered');
  const env = { FOLDER: folder, AISOPOD_FIXTURE_MARKER: witness, AISOPOD_FIXTURE_LOG: witness };
  const end = (await answerOf(`${script} console.log(JSON.stringify(end));`, { env })) as string;
  const entered = existsSync(witness) ? readFileSync(witness, 'utf8').trim().split('\n') : [];
  return { end, entered };
}

const appendToManifest = (text: string) => (plugin: string) => writeFileSync(path.join(plugin, 'aisopod.plugin.toml'), text, { flag: 'a' });

const changeLibrary = (name: string, change: (bytes: Buffer) => Buffer) => (plugin: string) => {
  const file = path.join(plugin, libraryFileName(name));
  writeFileSync(file, change(readFileSync(file)));
};

const unchanged = (): void => undefined;

describe('the constructor of a library', () => {
  const MARKER = 'constructor-marker';

  test('runs once where nothing speaks against the plugin', async () => {
    expect(await load(folderWith(MARKER, unchanged))).toEqual({ end: 'loaded', entered: ['constructor'] });
  });

  const newerHost = '\n[compatibility]\nmin_host_version = "1.0.1"\n';
  const olderHost = '\n[compatibility]\nmax_host_version = "0.9.9"\n';
  const otherAbi = '\n[compatibility]\nabi = 99\n';
  test.each<[string, string, string, (plugin: string) => void]>([
    ['a newer host is needed', 'ERR_VERSION_COMPATIBILITY', MARKER, appendToManifest(newerHost)],
    ['an older host is needed', 'ERR_VERSION_COMPATIBILITY', MARKER, appendToManifest(olderHost)],
    ['the manifest names another ABI', 'ERR_ABI_MISMATCH', MARKER, appendToManifest(otherAbi)],
    ['the note names another ABI', 'ERR_ABI_MISMATCH', `${MARKER}-note-99`, unchanged],
    ['it is cut off', 'ERR_LIBRARY_FORMAT', MARKER, (plugin) => truncateSync(path.join(plugin, libraryFileName(MARKER)), 5000)],
    ['it is empty', 'ERR_LIBRARY_FORMAT', MARKER, (plugin) => truncateSync(path.join(plugin, libraryFileName(MARKER)), 0)],
    ['it lacks a symbol', 'ERR_MISSING_SYMBOL', MARKER, changeLibrary(MARKER, renameCreate)],
    ['the manifest is broken', 'ERR_MANIFEST', MARKER, appendToManifest('unknown_key = 1\n')],
  ])('does not run where %s', async (_name, end, fixture, change) => {
    expect(await load(folderWith(fixture, change))).toEqual({ end, entered: [] });
  });

  const isElf = process.platform === 'linux';
  (isElf ? test : test.skip)(`does not run where it is for another processor${isElf ? '' : ' [skipped: no ELF]'}`, async () => {
    const S390 = 22;
    const folder = folderWith(MARKER, changeLibrary(MARKER, (bytes) => (bytes.writeUInt16LE(S390, 18), bytes)));
    expect(await load(folder)).toEqual({ end: 'ERR_WRONG_ARCHITECTURE', entered: [] });
  });
});

describe('the functions of a library without a note', () => {
  test('create is not called after an ABI mismatch', async () => {
    const { end, entered } = await load(folderWith('call-log-abi-99', unchanged));
    expect({ end, entered }).toEqual({ end: 'ERR_ABI_MISMATCH', entered: ['constructor', 'abi_version'] });
  });

  test('loading calls abi_version and create, and no more', async () => {
    const { end, entered } = await load(folderWith('call-log', unchanged));
    expect({ end, entered }).toEqual({ end: 'loaded', entered: ['constructor', 'abi_version', 'create'] });
  });

  test('a whole life calls each once, in order', async () => {
    const life = `
    const end = 'lived';
    const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [process.env.FOLDER], hostVersion: '1.0.0' });
    const registry = new aisopod.PluginRegistry({ hostVersion: '1.0.0', dataDir: process.env.FOLDER });
    await loader.loadAll(registry);
    await registry.initAll();
    await registry.shutdownAll();`;
    const { entered } = await load(folderWith('call-log', unchanged), life);
    expect(entered).toEqual(['constructor', 'abi_version', 'create', 'register', 'init', 'shutdown', 'destroy']);
  });

  test('what create returned is given back where its id is not the manifest’s', async () => {
    const otherId = (plugin: string): void => {
      const manifest = path.join(plugin, 'aisopod.plugin.toml');
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('id = "call-log"', 'id = "other"'));
    };
    const { end, entered } = await load(folderWith('call-log', otherId));
    expect({ end, entered }).toEqual({ end: 'ERR_ID_MISMATCH', entered: ['constructor', 'abi_version', 'create', 'destroy'] });
  });

  test('so is what a plugin that is never registered was created as', async () => {
    const disposed = `
    const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [process.env.FOLDER], hostVersion: '1.0.0' });
    const { candidates: [candidate] } = await loader.discover();
    await (await loader.loadPlugin(candidate))[Symbol.asyncDispose]();
    const end = 'disposed';`;
    const { entered } = await load(folderWith('call-log', unchanged), disposed);
    expect(entered).toEqual(['constructor', 'abi_version', 'create', 'destroy']);
  });
});

/** Takes the export away under every name table that a format keeps. */
function renameCreate(bytes: Buffer): Buffer {
  const name = 'aisopod_plugin_create';
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes.write('aisopod_plugin_crEate', at);
  return bytes;
}
