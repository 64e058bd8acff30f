import { describe, expect, test } from '@jest/globals';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockPlugins, writeLock } from '../../src/trust/index.js';
import { isAlive, thisProcess } from '../../src/trust/process-identity.js';
import { copyFixture, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { onWindows } from '../support/hold-file.js';
import { startProcess, type HostProcess } from './host-process.js';
import { asRoot, candidateIn, onLinux } from './plugin.js';

/** A folder of plugins with good-c in it, locked, and an empty folder for copies. */
async function lockedPlugins(): Promise<{ pluginDir: string; copyDir: string }> {
  const pluginDir = temporaryFolder();
  const candidate = await candidateIn(copyFixture('good-c', pluginDir));
  await writeLock(path.join(pluginDir, 'aisopod-plugins.lock'), await lockPlugins([candidate]));
  return { pluginDir, copyDir: temporaryFolder() };
}

/** A host that loads good-c, says from where, and stays until it is told to go. */
function startHost({ pluginDir, copyDir }: { pluginDir: string; copyDir: string }): HostProcess {
  const options = { hostVersion: '1.0.0', pluginDirs: [pluginDir], trust: { locked: 'require', copyDir } };
  return startProcess(`
    const loader = new DynamicPluginLoader(${JSON.stringify(options)});
    const { candidates: [candidate] } = await loader.discover();
    await loader.loadPlugin(candidate);
    say((await loader.explain(candidate)).find(({ check }) => check === 'private copy').found);
    await told();
  `);
}

const onPosix = testWhere(process.platform !== 'win32', 'Windows keeps the file of an open library; the next host removes it');

describe('private copies', () => {
  onPosix('are gone after the host ended', async () => {
    const folders = await lockedPlugins();
    const host = startHost(folders);
    const copy = await host.next<string>();
    expect(readdirSync(copy)).toContain('aisopod.plugin.toml');
    host.tell();
    expect(await host.end()).toBe(0);
    expect(readdirSync(folders.copyDir)).toEqual([]);
  });

  onPosix('of a host that was killed are gone once the next one has loaded', async () => {
    const folders = await lockedPlugins();
    const first = startHost(folders);
    const left = await first.next<string>();
    await first.kill();
    expect(existsSync(left)).toBe(true);
    const second = startHost(folders);
    const copy = await second.next<string>();
    expect(copy).not.toBe(left);
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(folders.copyDir)).toHaveLength(1);
    second.tell();
    await second.end();
    expect(readdirSync(folders.copyDir)).toEqual([]);
  });

  onPosix('of several hosts at once are left alone by each other', async () => {
    const folders = await lockedPlugins();
    const hosts = [startHost(folders), startHost(folders), startHost(folders)];
    const copies = await Promise.all(hosts.map((host) => host.next<string>()));
    expect(new Set(copies).size).toBe(3);
    for (const [index, host] of hosts.entries()) {
      host.tell();
      expect(await host.end()).toBe(0);
      expect(copies.map((copy) => existsSync(path.join(copy, 'config.schema.json')))).toEqual(copies.map((_, other) => other > index));
    }
    expect(readdirSync(folders.copyDir)).toEqual([]);
  });

  test('of a host that does not know its start, as without /proc, are left alone while it runs', async () => {
    const folders = await lockedPlugins();
    const other = startProcess('say(1); await told();');
    await other.next();
    const copy = path.join(folders.copyDir, `aisopod-plugins-${other.pid}-0-aaaaaa`);
    mkdirSync(copy);
    const load = async (): Promise<void> => {
      const host = startHost(folders);
      await host.next();
      host.tell();
      await host.end();
    };
    await load();
    expect(existsSync(copy)).toBe(true);
    other.tell();
    await other.end();
    await load();
    expect(existsSync(copy)).toBe(false);
  });

  onWindows('Windows: of a host in whose process a library is open are removed by the next one', async () => {
    const folders = await lockedPlugins();
    const first = startHost(folders);
    const left = await first.next<string>();
    expect(() => rmSync(left, { recursive: true })).toThrow(/EPERM|EBUSY|EACCES|ENOTEMPTY/);
    first.tell();
    expect(await first.end()).toBe(0);
    const second = startHost(folders);
    const copy = await second.next<string>();
    expect([existsSync(left), existsSync(copy)]).toEqual([false, true]);
    second.tell();
    await second.end();
  });

  onWindows('Windows: of plugins in children are gone once their host has ended', async () => {
    const { pluginDir, copyDir } = await lockedPlugins();
    const options = { hostVersion: '1.0.0', pluginDirs: [pluginDir], trust: { locked: 'require', copyDir }, quarantine: false, dataDir: temporaryFolder() };
    const host = startProcess(`
      const { PluginHost } = require(${JSON.stringify(path.join(projectRoot, 'dist/index.js'))});
      const host = await PluginHost.open(${JSON.stringify(options)});
      say(await host.find('tool', 'echo').call({ said: 1 }));
      await host.close();
    `);
    expect(await host.next()).toEqual({ said: 1 });
    expect(await host.end()).toBe(0);
    expect(readdirSync(copyDir)).toEqual([]);
  });

  asRoot("that are somebody else's, links, and other things of a like name are left alone", async () => {
    const folders = await lockedPlugins();
    const gone = startProcess('');
    await gone.end();
    const name = (rest: string): string => path.join(folders.copyDir, `aisopod-plugins-${gone.pid}-1-${rest}`);
    for (const rest of ['aaaaaa', 'bbbbbb', 'cccccc-not']) mkdirSync(name(rest));
    chownSync(name('bbbbbb'), 65534, 65534);
    const precious = temporaryFolder();
    writeFileSync(path.join(precious, 'file'), 'precious');
    symlinkSync(precious, name('dddddd'));
    const host = startHost(folders);
    await host.next();
    host.tell();
    await host.end();
    expect(readdirSync(folders.copyDir).sort()).toEqual(['bbbbbb', 'cccccc-not', 'dddddd'].map((rest) => path.basename(name(rest))));
    expect(readFileSync(path.join(precious, 'file'), 'utf8')).toBe('precious');
  });
});

describe('a process', () => {
  test('is alive while it runs', async () => {
    expect(isAlive(thisProcess())).toBe(true);
    const other = startProcess('say(1); await told();');
    await other.next();
    // What a process says of itself that does not know its start, as on Linux without /proc.
    expect(isAlive({ pid: other.pid, started: '0' })).toBe(true);
    other.tell();
    await other.end();
    expect(isAlive({ pid: other.pid, started: '0' })).toBe(false);
  });

  onLinux('is not the earlier one of its number', () => {
    expect(isAlive({ pid: process.pid, started: '1' })).toBe(false);
  });
});
