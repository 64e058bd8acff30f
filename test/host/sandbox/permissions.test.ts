/** What a plugin is granted: what it asks for and the host grants. In this process, where nothing depends on the system. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PermissionLists, SandboxReport } from '../../../src/report/permissions.js';
import { copyFixture, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { appendToManifest, open } from '../host.js';
import { NOTHING, hostWith, toml, written } from './sandboxed.js';

const withLinks = testWhere(process.platform !== 'win32', 'links need a privilege on Windows');

const sandboxOf = (host: Awaited<ReturnType<typeof hostWith>>['host']): SandboxReport => {
  const { sandbox, message } = host.explain('reacher') ?? {};
  if (sandbox === undefined) throw new Error(message ?? 'no sandbox');
  return sandbox;
};

/** A folder with these folders in it. */
function folderWith(...names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) mkdirSync(path.join(folder, name), { recursive: true });
  return folder;
}

test('a manifest without permissions asks for nothing, and gets its own folders', async () => {
  const asked: unknown[] = [];
  const { host, plugin, dataDir } = await hostWith('', { grants: (_candidate, lists) => (asked.push(lists), { read: ['/'] }) });
  expect(sandboxOf(host)).toMatchObject({ mode: 'best-effort', granted: { ...NOTHING, read: [plugin], write: [path.join(dataDir, 'reacher')] }, refused: [] });
  expect(host.explain('reacher')).not.toHaveProperty('permissions');
  expect(asked).toEqual([]); // nobody is asked for nothing
});

test('the host grants nothing by default: what is required refuses the plugin, before any of its code runs', async () => {
  const folder = temporaryFolder();
  const { host, dataDir } = await hostWith(`read = ${toml(folder)}\nenv = ["A"]\n[permissions.optional]\ncall = ["tool x"]`);
  const reason = 'the host does not grant it';
  expect(host.explain('reacher')).toMatchObject({
    state: 'refused',
    code: 'ERR_PERMISSION_DENIED',
    step: 'trust',
    message: expect.stringContaining(`needs permissions that it does not have: read ${written(folder)} (${reason}); env A (${reason})`),
    hint: expect.stringContaining('grants'),
    sandbox: { refused: [{ permission: `read ${written(folder)}`, reason }, { permission: 'env A', reason }, { permission: 'call tool x', reason }] },
  });
  expect(host.explain('reacher')?.trace.filter(({ step }) => step === 'open')).toEqual([]);
  expect(existsSync(path.join(dataDir, 'reacher'))).toBe(false);
});

test('what is optional and not granted is reported, and the plugin runs', async () => {
  const { host } = await hostWith('[permissions.optional]\nlisten = [80]\nconnect = ["a.example:443"]', { grants: () => ({ connect: ['a.example:443'] }) });
  expect(host.explain('reacher')?.state).toBe('active');
  expect(sandboxOf(host)).toMatchObject({
    granted: { connect: ['a.example:443'], listen: [] },
    refused: [{ permission: 'listen 80', reason: 'the host does not grant it' }],
  });
});

test('the host sees what is asked for, with real paths, and may grant all of it', async () => {
  const folder = folderWith('a', 'b');
  const seen: (readonly [string, PermissionLists])[] = [];
  const grants = (candidate: { readonly id: string }, asked: PermissionLists): PermissionLists => {
    seen.push([candidate.id, asked]);
    return asked;
  };
  const { host } = await hostWith(
    `read = ${toml(`${folder}//a/`, '$PLUGIN/x', '$DATA/y')}\nwrite = ${toml(path.join(folder, 'b'), '$TMP/z')}\nlisten = [1, 2]\n[permissions.optional]\ncall = ["tool *"]`,
    { grants },
  );
  const asked = { ...NOTHING, read: [path.join(folder, 'a')], write: [path.join(folder, 'b')], listen: [1, 2], call: ['tool *'] };
  expect(seen).toEqual([['reacher', asked]]);
  expect(sandboxOf(host)).toMatchObject({ granted: { listen: [1, 2], call: ['tool *'] }, refused: [] });
  expect(sandboxOf(host).granted.read).toContain(path.join(folder, 'a'));
  expect(sandboxOf(host).granted.write).toContain(path.join(folder, 'b'));
});

describe('the plugin gets what is in both', () => {
  const folder = folderWith('in/deep', 'other');
  const [whole, inner] = [path.join(folder, 'in'), path.join(folder, 'in', 'deep')];
  test.each<[string, string, Partial<PermissionLists>, Partial<PermissionLists>, readonly string[]]>([
    ['a granted folder includes what is in it', `read = ${toml(inner)}`, { read: [whole] }, { read: [inner] }, []],
    ['what may be written may be read', `read = ${toml(inner)}`, { write: [whole] }, { read: [inner] }, []],
    ['what may be read may not be written', `write = ${toml(inner)}`, { read: [whole] }, { write: [] }, [`write ${written(inner)}: the host does not grant it`]],
    ['less than was asked for', `read = ${toml(whole)}`, { read: [inner] }, { read: [inner] }, [`read ${written(whole)}: the host grants only ${inner}`]],
    ['a folder beside it', `read = ${toml(inner)}`, { read: [path.join(folder, 'other'), `${folder}/in/d`] }, { read: [] }, [`read ${written(inner)}: the host does not grant it`]],
    ['more than was asked for', 'listen = [1]', { listen: [1, 2], connect: ['a:1'] }, { listen: [1], connect: [] }, []],
    ['any host', 'connect = ["A:1", "[::1]:2"]', { connect: ['*:1', '*:2'] }, { connect: ['a:1', '[::1]:2'] }, []],
    ['another port', 'connect = ["a:1"]', { connect: ['*:2'] }, { connect: [] }, ['connect a:1: the host does not grant it']],
    ['one host of all', 'connect = ["*:1"]', { connect: ['a:1', 'b:2'] }, { connect: ['a:1'] }, ['connect *:1: the host grants only a:1']],
    ['all tools', 'call = ["tool a", "provider a"]', { call: ['tool *'] }, { call: ['tool a'] }, ['call provider a: the host does not grant it']],
    ['some of all tools', 'call = ["tool *"]', { call: ['tool a', 'channel b'] }, { call: ['tool a'] }, ['call tool *: the host grants only tool a']],
  ])('%s', async (_what, asked, granted, expected, refused) => {
    const { host, plugin, dataDir } = await hostWith(`[permissions.optional]\n${asked}`, { grants: () => granted });
    const { granted: found, refused: without } = sandboxOf(host);
    const own = [plugin, path.join(dataDir, 'reacher')];
    const beyond = (key: 'read' | 'write' | 'connect' | 'listen' | 'call') => [...found[key]].filter((item) => !own.includes(String(item)));
    for (const [key, items] of Object.entries(expected)) expect(beyond(key as 'read')).toEqual(items);
    expect(without.map(({ permission, reason }) => `${permission}: ${reason}`)).toEqual(refused);
  });
});

const all = { grants: (_candidate: unknown, asked: PermissionLists) => asked };

describe('what no host can grant', () => {
  test('a path that does not exist, even below one that is granted', async () => {
    const folder = temporaryFolder();
    const missing = path.join(folder, 'missing');
    const { host } = await hostWith(`read = ${toml(missing)}`, { grants: () => ({ read: [folder] }) });
    expect(host.explain('reacher')?.message).toContain(`read ${written(missing)} (there is no such file or folder)`);
  });

  withLinks('a path through a link: the plugin may have put it there', async () => {
    const folder = folderWith('secret', 'granted');
    const link = path.join(folder, 'granted', 'link');
    symlinkSync(path.join(folder, 'secret'), link);
    const asked: PermissionLists[] = [];
    const grants = (_candidate: unknown, lists: PermissionLists): PermissionLists => {
      asked.push(lists);
      return { ...lists, read: [...lists.read, path.join(folder, 'granted'), link] };
    };
    const { host } = await hostWith(`[permissions.optional]\nread = ${toml(link)}`, { grants });
    expect(asked).toEqual([NOTHING]);
    const reason = `it passes through the link ${link}; its real path is ${path.join(folder, 'secret')}`;
    expect(sandboxOf(host).refused).toEqual([{ permission: `read ${link}`, reason }]);
    expect(sandboxOf(host).granted.read).not.toContain(path.join(folder, 'secret'));
  });

  withLinks('a link whose real path the host grants by its name', async () => {
    const folder = folderWith('real');
    const link = path.join(folder, 'link');
    symlinkSync(path.join(folder, 'real'), link);
    const { host } = await hostWith(`read = ${toml(link)}`, { grants: () => ({ read: [path.join(folder, 'real')] }) });
    expect(sandboxOf(host)).toMatchObject({ refused: [] });
    expect(sandboxOf(host).granted.read).toContain(path.join(folder, 'real'));
  });

  testWhere(process.platform === 'linux' && existsSync('/bin/sh'), 'no /bin/sh')('but links of the system lead on', async () => {
    const { host } = await hostWith('run = ["/bin/sh"]', all);
    expect(sandboxOf(host).granted.run).toEqual([realpathSync('/bin/sh')]);
  });

  describe('write access to what would give a plugin control', () => {
    const refusalFor = async (place: (folders: { plugin: string; plugins: string; dataDir: string; stateDir: string }) => string) => {
      const plugins = temporaryFolder();
      const own = temporaryFolder();
      const folders = { plugin: path.join(plugins, 'reacher'), plugins, dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state') };
      for (const folder of [path.join(folders.dataDir, 'other'), path.join(folders.dataDir, 'reacher', 'x'), folders.stateDir]) mkdirSync(folder, { recursive: true });
      appendToManifest(copyFixture('reacher', plugins), `\n[permissions.optional]\nwrite = ${toml(place(folders))}\n`);
      const host = await open({ sandbox: 'best-effort', pluginDirs: [plugins], dataDir: folders.dataDir, stateDir: folders.stateDir, ...all });
      return sandboxOf(host).refused.map(({ reason }) => reason);
    };

    test.each<[string, Parameters<typeof refusalFor>[0], string]>([
      ['its own folder', ({ plugin }) => plugin, 'it would change the plugin itself'],
      ['its own folder, by its variable', () => '$PLUGIN', 'it would change the plugin itself'],
      ['its own manifest', ({ plugin }) => path.join(plugin, 'aisopod.plugin.toml'), 'it would change the plugin itself'],
      ['the folder of plugins', ({ plugins }) => plugins, 'it would change the plugin itself'],
      ['the root', ({ plugin }) => path.parse(plugin).root, 'it would change the plugin itself'],
      ['the state folder', ({ stateDir }) => stateDir, "it would change the host's state folder"],
      ['a folder above it', ({ stateDir }) => path.dirname(stateDir), "it would change the host's state folder"],
      ['the data of another plugin', ({ dataDir }) => path.join(dataDir, 'other'), 'it would change the data of other plugins'],
      ['the folder of all data', ({ dataDir }) => dataDir, 'it would change the data of other plugins'],
      ['koffi', () => realpathSync(path.join(process.cwd(), 'node_modules', 'koffi')), 'it would change this package'],
      ['Node', () => realpathSync(process.execPath), 'it would change Node'],
    ])('%s', async (_what, place, reason) => {
      expect(await refusalFor(place)).toEqual([expect.stringContaining(reason)]);
    });

    test('its own data needs no grant', async () => {
      expect(await refusalFor(({ dataDir }) => path.join(dataDir, 'reacher', 'x'))).toEqual([]);
    });

    test("the system's temporary folder, with private folders of hosts in it", async () => {
      const { host } = await hostWith(`[permissions.optional]\nwrite = ${toml(realpathSync(tmpdir()))}`, all);
      expect(sandboxOf(host).refused).toHaveLength(1);
    });
  });
});

test('a file is granted like a folder', async () => {
  const file = path.join(temporaryFolder(), 'a.txt');
  writeFileSync(file, '');
  const { host } = await hostWith(`read = ${toml(file)}`, { grants: () => ({ read: [file] }) });
  expect(sandboxOf(host).granted.read).toContain(file);
});

test('the report has the permissions of the manifest', async () => {
  const { host } = await hostWith('listen = [80]', all);
  expect(host.explain('reacher')?.permissions).toEqual({ ...NOTHING, listen: [80], optional: NOTHING });
  const { check, found } = host.explain('reacher')?.trace.find((entry) => entry.check === 'permissions') ?? {};
  expect([check, found]).toEqual(['permissions', 'listen 80']);
});
