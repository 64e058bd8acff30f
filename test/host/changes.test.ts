/** rescan, enable and disable: what changes, what stays, and what is tried again. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyFixture, folderOf, libraryFileName, temporaryFolder } from '../support/fixtures.js';
import { errorOf, whenQuick } from '../support/host.js';
import { NEVER, appendToManifest, editManifest, keepingLogger, manifestOf, open, plain, statesOf } from './host.js';
import { canShare } from '../isolation/shared-memory/memory.js';

describe('rescan', () => {
  test('loads what is new, and ends what is gone', async () => {
    const folder = folderOf('good-c');
    const host = await open({ pluginDirs: [folder], plugins: [plain('own')] });
    const echo = host.find('tool', 'echo');
    copyFixture('good-cpp', folder);
    rmSync(path.join(folder, 'good-c'), { recursive: true });
    expect(await host.rescan()).toEqual({ added: ['good-cpp'], removed: ['good-c'] });
    expect(statesOf(host)).toEqual([
      ['own', 'active'],
      ['good-c', 'retired'],
      ['good-cpp', 'active'],
    ]);
    expect(await errorOf(echo?.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'good-c' });
    copyFixture('good-c', folder);
    expect(await host.rescan()).toEqual({ added: ['good-c'], removed: [] });
    expect(host.find('tool', 'echo')).toBe(echo);
    expect(await echo?.call({ a: 1 })).toEqual({ a: 1 });
  });

  test.each(['process', 'in-process'] as const)('a handle works again when its plugin is enabled again, %s', async (isolation) => {
    const host = await open({ pluginDirs: [folderOf('good-c')], isolation, processes: { syncTimeoutMs: 1000 } });
    const [echo, inline] = [host.find('tool', 'echo'), host.find('tool', 'echo_inline')];
    expect(await whenQuick(() => inline?.syncRaw?.('{}'))).toBe(isolation === 'process' && !canShare ? undefined : '{}');
    await host.disable('good-c');
    expect(await errorOf(echo?.call({}))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'good-c' });
    await host.enable('good-c');
    expect(await echo?.call({ a: 1 })).toEqual({ a: 1 });
    expect(await whenQuick(() => inline?.syncRaw?.('{}'))).toBe(isolation === 'process' && !canShare ? undefined : '{}');
    expect(host.find('tool', 'echo')).toBe(echo);
  });

  test('changes nothing where nothing has changed, and says nothing', async () => {
    const folder = folderOf('good-c', 'truncated', 'register-fails');
    appendToManifest(copyFixture('good-c', folder, 'broken'), 'x = 1\n');
    const host = await open({ pluginDirs: [folder], disabled: ['good-c'] });
    const before = host.report();
    const seen: unknown[] = [];
    host.on('state', ({ id, state }) => seen.push([id, state]));
    expect(await host.rescan()).toEqual({ added: [], removed: [] });
    const known = ({ id, path: at, state, code }: (typeof before)[number]): unknown => [id, at, state, code];
    expect(host.report().map(known)).toEqual(before.map(known));
    // What was refused as a file is looked at again; it might have been mended.
    expect(seen).toEqual([
      ['truncated', 'discovered'],
      ['truncated', 'refused'],
    ]);
  });

  test('takes a manifest that was mended', async () => {
    const folder = temporaryFolder();
    const plugin = copyFixture('good-c', folder);
    const good = readFileSync(manifestOf(plugin));
    appendToManifest(plugin, 'x = 1\n');
    const host = await open({ pluginDirs: [folder] });
    expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_MANIFEST' });
    writeFileSync(manifestOf(plugin), good);
    expect(await host.rescan()).toEqual({ added: ['good-c'], removed: [] });
    expect(statesOf(host)).toEqual([['good-c', 'active']]);
  });

  test('what is active stays so where its manifest has been broken, and the refusal is told beside it', async () => {
    const folder = folderOf('good-c');
    const host = await open({ pluginDirs: [folder] });
    appendToManifest(path.join(folder, 'good-c'), 'x = 1\n');
    expect(await host.rescan()).toEqual({ added: [], removed: [] });
    expect(statesOf(host)).toEqual([
      ['good-c', 'active'],
      ['good-c', 'refused'],
    ]);
    expect(host.explain('good-c')?.state).toBe('active');
    expect(await host.find('tool', 'echo')?.call({})).toEqual({});
    await host.disable('good-c');
    expect(await host.enable('good-c')).toMatchObject({ state: 'refused', code: 'ERR_MANIFEST' });
    expect(statesOf(host)).toEqual([['good-c', 'refused']]);
  });

  test('a plugin that has moved is ended there and loaded here', async () => {
    const folder = folderOf('good-c');
    const host = await open({ pluginDirs: [folder] });
    renameSync(path.join(folder, 'good-c'), path.join(folder, 'elsewhere'));
    expect(await host.rescan()).toEqual({ added: [], removed: [] });
    expect(host.explain('good-c')).toMatchObject({ state: 'active', path: path.join(folder, 'elsewhere') });
  });

  test('what ran and failed is not tried again, since it may run still; enable tries it', async () => {
    const host = await open({ pluginDirs: [folderOf('init-fails', 'create-null')] });
    const seen: unknown[] = [];
    host.on('state', ({ id, state }) => seen.push([id, state]));
    await host.rescan();
    expect(seen).toEqual([]);
    expect(await host.enable('init-fails')).toMatchObject({ state: 'failed', code: 'ERR_INIT_FAILED' });
    expect(await host.enable('create-null')).toMatchObject({ state: 'refused', code: 'ERR_CREATE_FAILED' });
  });

  test('a plugin that will not end is named, and the others go on', async () => {
    const folder = folderOf('good-c', 'shutdown-fails');
    const host = await open({ pluginDirs: [folder] });
    for (const name of ['good-c', 'shutdown-fails']) rmSync(path.join(folder, name), { recursive: true });
    copyFixture('good-cpp', folder);
    expect(await host.rescan()).toEqual({ added: ['good-cpp'], removed: ['good-c', 'shutdown-fails'] });
    expect(host.explain('shutdown-fails')).toMatchObject({ state: 'failed', step: 'shutdown', code: 'ERR_SHUTDOWN_FAILED' });
  });
});

describe('enable and disable', () => {
  test('a disabled plugin is ended, and stays so over a rescan', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    await host.disable('good-c');
    expect(await host.rescan()).toEqual({ added: [], removed: [] });
    expect(statesOf(host)).toEqual([['good-c', 'disabled']]);
    expect(host.tools).toEqual([]);
    expect(await host.enable('good-c')).toMatchObject({ state: 'active' });
    expect(await host.find('tool', 'echo')?.call({})).toEqual({});
  });

  test('one that is disabled from the start is not opened', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')], disabled: ['good-c'] });
    expect(host.explain('good-c')).toMatchObject({ state: 'disabled', trace: [] });
  });

  test('enable takes the folder as it is now: a new release, or a library that was mended', async () => {
    const folder = folderOf('truncated');
    const plugin = path.join(folder, 'truncated');
    const host = await open({ pluginDirs: [folder] });
    expect(host.explain('truncated')).toMatchObject({ state: 'refused', version: '1.0.0' });
    rmSync(path.join(plugin, libraryFileName('truncated')));
    const stub = copyFixture('slow-init', temporaryFolder());
    renameSync(path.join(stub, libraryFileName('slow-init')), path.join(plugin, libraryFileName('slow-init')));
    writeFileSync(manifestOf(plugin), readFileSync(manifestOf(stub)));
    editManifest(plugin, 'version = "1.0.0"', 'version = "1.1.0"');
    expect(await host.enable('truncated')).toMatchObject({ state: 'retired' });
    await host.rescan();
    expect(host.explain('slow-init')).toMatchObject({ state: 'active', version: '1.1.0' });
  });

  test('enabling one that is active changes nothing', async () => {
    const host = await open({ plugins: [plain('a')] });
    expect(await host.enable('a')).toMatchObject({ state: 'active' });
    expect(statesOf(host)).toEqual([['a', 'active']]);
  });

  test.each(['enable', 'disable', 'reconfigure'] as const)('%s of an unknown id is a typed error', async (operation) => {
    const host = await open();
    const call = operation === 'reconfigure' ? host.reconfigure('nobody', {}) : host[operation]('nobody');
    expect(await errorOf(call)).toMatchObject({ code: 'ERR_UNKNOWN_PLUGIN', pluginId: 'nobody', operation });
  });

  test('disable says where a plugin did not end in order, and keeps it from coming back', async () => {
    const host = await open({ pluginDirs: [folderOf('shutdown-fails')] });
    expect(await errorOf(host.disable('shutdown-fails'))).toMatchObject({ code: 'ERR_SHUTDOWN_FAILED' });
    await host.rescan();
    expect(host.explain('shutdown-fails')?.state).toBe('failed');
  });
});

describe('state events', () => {
  test('every change has one, in order, from the start where onState is given', async () => {
    const seen: string[] = [];
    const host = await open({ plugins: [plain('a')], onState: ({ id, state }) => seen.push(`${id} ${state}`) });
    expect(seen).toEqual(['a discovered', 'a loaded', 'a registered', 'a active']);
    seen.length = 0;
    await host.disable('a');
    await host.enable('a');
    await host.close();
    expect(seen).toEqual(['a disabled', 'a discovered', 'a loaded', 'a registered', 'a active', 'a retired']);
  });

  test('a listener that throws or rejects is logged; the host and the other listeners go on', async () => {
    const { logger, lines } = keepingLogger();
    const host = await open({ plugins: [plain('a')], logger });
    const seen: string[] = [];
    host.on('state', () => {
      throw new Error('thrown');
    });
    const rejecting: () => unknown = () => Promise.reject(new Error('rejected'));
    host.on('state', rejecting);
    host.once('state', ({ state }) => seen.push(`once ${state}`));
    host.on('state', ({ state }) => seen.push(state));
    await host.disable('a');
    await host.enable('a');
    expect(seen).toEqual(['once disabled', 'disabled', 'discovered', 'loaded', 'registered', 'active']);
    const told = lines.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(new Set(told)).toEqual(new Set(['a listener of "state" failed: thrown', 'a listener of "state" failed: rejected']));
  });
});

describe('everything at once', () => {
  test('changes take turns, and each sees a whole host', async () => {
    const folder = folderOf('good-c');
    const host = await open({ pluginDirs: [folder], plugins: [plain('own')] });
    copyFixture('good-cpp', folder);
    const results = await Promise.allSettled([
      host.disable('good-c'),
      host.rescan(),
      host.enable('good-c'),
      host.reconfigure('good-c', { greeting: 'hi' }),
      host.enable('nobody'),
      host.disable('own'),
      host.enable('own'),
      host.rescan(),
      host.dispatch('OnSessionCreate', {}),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      ...Array.from({ length: 4 }, () => 'fulfilled'),
    ]);
    expect(statesOf(host)).toEqual([
      ['own', 'active'],
      ['good-c', 'active'],
      ['good-cpp', 'active'],
    ]);
    expect(await host.find('tool', 'config')?.call({})).toMatchObject({ greeting: 'hi' });
  });

  test('one that hangs holds the others up no longer than its deadline', async () => {
    const host = await open({ plugins: [plain('a', { init: () => NEVER }), plain('b')], timeouts: { init: 50 }, disabled: ['a'] });
    const [a, b] = await Promise.all([host.enable('a'), host.disable('b').then(() => host.explain('b'))]);
    expect([a.code, b?.state]).toEqual(['ERR_LIFECYCLE_TIMEOUT', 'disabled']);
  });
});
