import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PluginHost } from '../../src/host/plugin-host.js';
import { Quarantine } from '../../src/quarantine/index.js';
import { removeOnCleanExit } from '../../src/quarantine/clean-exit.js';
import { removeHeld, renameHeld, renameHeldSync, retryHeld, retryHeldSync } from '../../src/trust/held-files.js';
import { writeAtomically, writeAtomicallySync } from '../../src/trust/write-atomically.js';
import { CRASH, KEY, filesOf } from '../quarantine/state.js';
import { fixtureLibrary, folderOf, libraryFileName, temporaryFolder } from '../support/fixtures.js';
import { holdFile, onWindows } from '../support/hold-file.js';

/** Fails so often with this code, then does nothing. */
function failing(code: string, times: number): { run: () => void; calls: () => number } {
  let calls = 0;
  const run = (): void => {
    if (calls++ < times) throw Object.assign(new Error(code), { code });
  };
  return { run, calls: () => calls };
}

describe.each([
  ['retryHeld', (run: () => void, maxTries: number) => retryHeld(async () => Promise.resolve().then(run), maxTries)],
  ['retryHeldSync', async (run: () => void, maxTries: number) => Promise.resolve().then(() => retryHeldSync(run, maxTries))],
])('%s', (_name, retry) => {
  test.each(['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'])('tries again after %s, until it works', async (code) => {
    const { run, calls } = failing(code, 3);
    await retry(run, 5);
    expect(calls()).toBe(4);
  });

  test('gives up in the end, with the error of the system', async () => {
    const { run, calls } = failing('EBUSY', Infinity);
    await expect(retry(run, 4)).rejects.toMatchObject({ code: 'EBUSY' });
    expect(calls()).toBe(4);
  });

  test('does not try again after other errors', async () => {
    const { run, calls } = failing('ENOSPC', Infinity);
    await expect(retry(run, 4)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(calls()).toBe(1);
  });
});

/** A file, and a function that calls `act` while somebody holds the file for a moment. */
async function heldFile(folder = temporaryFolder()): Promise<{ file: string; begin: () => void }> {
  const file = path.join(folder, 'file');
  writeFileSync(file, 'old');
  const { begin } = await holdFile(file);
  return { file, begin };
}

describe('Windows: while another program holds a file for a moment', () => {
  onWindows('the system refuses to rename over it', async () => {
    const { file, begin } = await heldFile();
    writeFileSync(`${file}.new`, 'new');
    expect(() => renameSync(`${file}.new`, file)).toThrow(/EPERM|EBUSY|EACCES/);
    begin();
  });

  onWindows('it is replaced', async () => {
    const { file, begin } = await heldFile();
    begin();
    await writeAtomically(file, 'new', 0o600);
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  onWindows('it is replaced synchronously', async () => {
    const { file, begin } = await heldFile();
    begin();
    writeAtomicallySync(file, 'new', 0o600);
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  onWindows('it is renamed, and so is the folder that it is in', async () => {
    const folder = path.join(temporaryFolder(), 'folder');
    mkdirSync(folder);
    const { file, begin } = await heldFile(folder);
    begin();
    renameHeldSync(file, `${file}.moved`);
    const again = await holdFile(`${file}.moved`);
    again.begin();
    await renameHeld(folder, `${folder}-moved`);
    expect(readdirSync(`${folder}-moved`)).toEqual(['file.moved']);
  });

  onWindows('it is removed with its folder', async () => {
    const folder = temporaryFolder();
    const { begin } = await heldFile(folder);
    begin();
    await removeHeld(folder);
    expect(existsSync(folder)).toBe(false);
  });

  onWindows('a plugin is released from quarantine', async () => {
    const stateDir = temporaryFolder();
    const quarantine = new Quarantine({ stateDir });
    quarantine.add(KEY, CRASH);
    const { begin } = await holdFile(path.join(stateDir, 'quarantine', filesOf(stateDir, 'quarantine')[0]!));
    begin();
    expect(await quarantine.release(CRASH.pluginId)).toHaveLength(1);
    expect(filesOf(stateDir, 'quarantine')).toEqual([]);
  });

  onWindows('the record of a crash still counts', async () => {
    const stateDir = temporaryFolder();
    const quarantine = new Quarantine({ stateDir });
    quarantine.add(KEY, CRASH);
    const { begin } = await holdFile(path.join(stateDir, 'quarantine', filesOf(stateDir, 'quarantine')[0]!));
    begin();
    expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
  });

  onWindows('the marker of a step that ended is removed, so that no plugin is blamed for it', async () => {
    const { file, begin } = await heldFile();
    const remove = removeOnCleanExit(file);
    begin();
    remove();
    expect(existsSync(file)).toBe(false);
  });
});

describe('Windows: a library that is loaded', () => {
  onWindows('can be renamed, not replaced: a new file takes its name, and the plugin goes on', async () => {
    const plugins = folderOf('good-c');
    const updates = { maxFirstCopyBytes: 0 }; // it runs from its folder
    const host = await PluginHost.open({ pluginDirs: [plugins], hostVersion: '1.0.0', quarantine: false, dataDir: temporaryFolder(), updates });
    const library = path.join(plugins, 'good-c', libraryFileName('good-c'));
    writeFileSync(`${library}.new`, readFileSync(fixtureLibrary('good-c')));
    expect(() => renameSync(`${library}.new`, library)).toThrow(/EPERM|EBUSY|EACCES/);
    renameSync(library, `${library}.old`);
    renameSync(`${library}.new`, library);
    expect(await host.find('tool', 'echo')!.call({ said: 1 })).toEqual({ said: 1 });
    await host.close();
  });
});
