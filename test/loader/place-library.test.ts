/** A library that something else has mapped, and places that were given up. */
import { describe, expect, test } from '@jest/globals';
import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openLibrary } from '../../src/library/index.js';
import { OpenedLibraries } from '../../src/loader/opened-libraries.js';
import { libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { install, update } from '../support/releases.js';
import { open } from '../host/host.js';

const libraryOf = (plugin: string): string => path.join(plugin, libraryFileName('updated'));

/** Plugins run from their folders, unless they must not. */
const updates = { maxFirstCopyBytes: 0 };

describe('a library that something else has mapped is not opened as a new one', () => {
  test('in-process', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    openLibrary(libraryOf(plugin), { prefersOwnNames: true });
    update(plugin, 2, 'rename');
    const host = await open({ pluginDirs: [folder], updates });
    expect(await host.find('tool', 'version')?.call({})).toEqual({ version: 2 });
  });

  testWhere(process.platform === 'linux', 'no LD_PRELOAD')('in a child', async () => {
    const folder = temporaryFolder();
    const plugin = install(folder, 1);
    const copyDir = temporaryFolder();
    const host = await open({ pluginDirs: [folder], isolation: 'process', updates, processes: { env: { LD_PRELOAD: libraryOf(plugin) } }, trust: { copyDir } });
    expect(host.explain('updated')).toMatchObject({ state: 'active' });
    expect(host.explain('updated')?.trace).toContainEqual(
      expect.objectContaining({ check: 'a private copy of the plugin', found: 'something else has this library open in the same process' }),
    );
    expect(await host.find('tool', 'version')?.call({})).toEqual({ version: 1 });
  });
});

describe('OpenedLibraries', () => {
  const file = (): string => libraryOf(install(temporaryFolder(), 1));
  const grant = { isReused: expect.any(Boolean), release: expect.any(Function), forget: expect.any(Function) };

  test('grants one user at a time', () => {
    const [opened, library] = [new OpenedLibraries(), file()];
    const first = opened.claim(library, 'a');
    expect(first).toMatchObject({ ...grant, isReused: false });
    expect(opened.isFree(path.dirname(library))).toBe(false);
    expect(opened.claim(library, 'b')).toEqual({ reason: 'the library is in use in the same process, by plugin a' });
    if ('release' in first) first.release();
    expect(opened.isFree(path.dirname(library))).toBe(true);
    expect(opened.claim(library, 'b')).toMatchObject({ ...grant, isReused: true });
    expect(opened.claim(library, 'a')).toEqual({ reason: 'the library is in use in the same process, by plugin b' });
  });

  test('a late release by the first user does not take the library from the second', () => {
    const [opened, library] = [new OpenedLibraries(), file()];
    const first = opened.claim(library, 'a');
    if ('release' in first) first.release();
    opened.claim(library, 'b');
    if ('release' in first) first.release();
    expect(opened.claim(library, 'c')).toEqual({ reason: 'the library is in use in the same process, by plugin b' });
  });

  test('forgets what could not be opened, and knows what has no file any more', () => {
    const [opened, library] = [new OpenedLibraries(), file()];
    const first = opened.claim(library, 'a');
    if ('forget' in first) first.forget();
    expect(opened.libraries).toEqual([]);
    expect(opened.claim('/nowhere/lib.so', 'a')).toMatchObject({ ...grant, isReused: false });
    expect(opened.claim('/nowhere/lib.so', 'b')).toEqual({ reason: 'the library is in use in the same process, by plugin a' });
  });

  test.each(['touched', 'removed', 'opened by something else'])('a mapping that is unused is not free if its file was %s', (what) => {
    const [opened, library] = [new OpenedLibraries(), file()];
    const claim = opened.claim(library, 'a');
    if ('release' in claim) claim.release();
    if (what === 'touched') chmodSync(library, 0o700);
    if (what === 'removed') rmSync(library);
    if (what === 'opened by something else') opened.block(library);
    expect(opened.isFree(path.dirname(library))).toBe(false);
    expect(opened.claim(library, 'b')).toEqual({ reason: expect.any(String) });
  });

  test('a folder whose name only begins alike is another one', () => {
    const opened = new OpenedLibraries();
    opened.claim('/copies/abc-2/lib.so', 'a');
    expect([opened.isFree('/copies/abc'), opened.isFree('/copies/abc-2')]).toEqual([true, false]);
  });
});
