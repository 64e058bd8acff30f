/** One fixture per way to be bad, each with the error that says so. */
import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { LoadError } from '../../src/errors/index.js';
import { DynamicPluginLoader } from '../../src/loader/dynamic-plugin-loader.js';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { copyFixture, fixtureLibrary, folderOf, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { errorOf, loadFixture, loaderOf } from '../support/host.js';

/** Every error says whose it is, where, at which step, and what to do. */
async function refusalOf(id: string): Promise<LoadError> {
  const error = (await errorOf(loadFixture(id))) as LoadError;
  expect(error).toMatchObject({ name: 'LoadError', pluginId: id });
  expect(error.hint).toMatch(/\w/);
  expect(error.message).toContain(`plugin ${id}: `);
  expect(error.message).toContain(error.path);
  return error;
}

const ABI_RANGE = { min: 1, max: 1 };

test.each<[string, object]>([
  ['bad-abi-note', { code: 'ERR_ABI_MISMATCH', step: 'triage', expected: ABI_RANGE, found: 99, source: 'note' }],
  ['bad-abi-version', { code: 'ERR_ABI_MISMATCH', step: 'bind', expected: ABI_RANGE, found: 99, source: 'function' }],
  ['no-abi-version', { code: 'ERR_MISSING_SYMBOL', symbol: 'aisopod_plugin_abi_version' }],
  ['no-create', { code: 'ERR_MISSING_SYMBOL', symbol: 'aisopod_plugin_create' }],
  ['create-null', { code: 'ERR_CREATE_FAILED', step: 'create', symbol: 'aisopod_plugin_create', reason: 'returned NULL' }],
  ['vtable-too-small', { code: 'ERR_INVALID_PLUGIN', step: 'create', member: 'size', expected: '56 to 4096', found: '48' }],
  ['null-function', { code: 'ERR_INVALID_PLUGIN', step: 'create', member: 'init', expected: 'a function', found: 'NULL' }],
  ['bad-strings', { code: 'ERR_INVALID_PLUGIN', step: 'create', member: 'id' }],
  ['endless-string', { code: 'ERR_INVALID_PLUGIN', step: 'create', member: 'id', found: 'invalid UTF-8, or no NUL within that length' }],
  ['bad-meta', { code: 'ERR_INVALID_PLUGIN', step: 'create', member: 'meta.name' }],
  ['id-mismatch', { code: 'ERR_ID_MISMATCH', step: 'create', expected: 'id-mismatch', found: 'someone-else' }],
])('%s', async (id, expected) => {
  // Perhaps of a private copy: another test file of this process may have opened the library before.
  expect(await refusalOf(id)).toMatchObject({ ...expected, path: expect.stringContaining(libraryFileName(id)) });
});

describe('files that are no library for this machine are told apart without opening them', () => {
  test.each<[string, object]>([
    ['text-as-library', { code: 'ERR_LIBRARY_FORMAT', step: 'triage', expected: 'a shared library (ELF, Mach-O or PE)' }],
    ['empty-file', { code: 'ERR_LIBRARY_FORMAT', step: 'triage', found: 'an empty file' }],
    ['truncated', { code: 'ERR_LIBRARY_FORMAT', step: 'triage' }],
    ['wrong-architecture', { code: 'ERR_WRONG_ARCHITECTURE', step: 'triage', expected: process.arch }],
  ])('%s', async (id, expected) => {
    expect(await refusalOf(id)).toMatchObject({ ...expected, path: fixtureLibrary(id) });
  });

  test('the truncated one says how much of it is missing', async () => {
    expect(await refusalOf('truncated')).toMatchObject({ expected: expect.stringMatching(/\d/), found: expect.stringMatching(/\d/) });
  });
});

describe('what the system says is kept', () => {
  test('a needed library that nobody ships', async () => {
    const error = await refusalOf('needs-missing-library');
    expect(error).toMatchObject({ code: 'ERR_MISSING_DEPENDENCY', step: 'open', library: expect.stringContaining('not-shipped') });
    expect(error).toHaveProperty('reason', (error.cause as Error).message);
    expect(error.hint).toContain('not-shipped');
  });

  testWhere(process.platform !== 'win32', 'Windows cannot link such a library')('a function that nothing defines', async () => {
    const error = await refusalOf('undefined-symbol');
    expect(error).toMatchObject({ code: 'ERR_UNDEFINED_SYMBOL', step: 'open', symbol: 'aisopod_fixture_defined_by_nobody' });
    expect(error).toHaveProperty('reason', expect.stringContaining((error.cause as Error).message));
    expect((error.cause as Error).message).toContain('aisopod_fixture_defined_by_nobody');
  });
});

describe('a library that is not there', () => {
  test('names every place that was looked in', async () => {
    const folder = temporaryFolder();
    const plugin = copyFixture('create-null', folder);
    const missing = { ...(await onlyCandidate(folder)) };
    const manifest = { ...missing.manifest, plugin: { ...missing.manifest.plugin, entryPoint: 'absent' } };
    const error = await errorOf(loaderOf().loadPlugin({ ...missing, manifest }));
    expect(error).toMatchObject({ code: 'ERR_LIBRARY_NOT_FOUND', step: 'open', pluginId: 'create-null', path: plugin });
    const named = libraryFileName('absent');
    const here = `${process.platform}-${process.arch}`;
    const folders = [...(mappedLibc()?.flavour === 'musl' ? [`${here}-musl`] : []), here, '.'];
    expect(error).toHaveProperty('tried', folders.map((each) => path.join(plugin, each, named)));
  });

  testWhere(process.platform !== 'win32', 'Windows has no lib prefix')('suggests the name without lib', async () => {
    const error = await refusalOf('lib-prefix');
    expect(error).toMatchObject({ code: 'ERR_LIBRARY_NOT_FOUND' });
    expect(error.hint).toContain('"lib-prefix"');
  });
});

describe('plugins of other header versions', () => {
  test.each(['old-vtable', 'new-vtable'])('%s loads', async (id) => {
    const plugin = await loadFixture(id);
    expect(plugin.id).toBe(id);
    await plugin[Symbol.asyncDispose]();
  });
});

test('a newer host is asked for before anything else is judged', async () => {
  const folder = folderOf('truncated');
  const candidate = await onlyCandidate(folder);
  const manifest = { ...candidate.manifest, compatibility: { minHostVersion: '2.0.0', abi: 99 } };
  const error = await errorOf(loaderOf().loadPlugin({ ...candidate, manifest }));
  expect(error).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'min_host_version', found: '1.0.0', step: 'manifest' });
  const otherAbi = { ...candidate.manifest, compatibility: { abi: 99 } };
  expect(await errorOf(loaderOf().loadPlugin({ ...candidate, manifest: otherAbi }))).toMatchObject({
    code: 'ERR_ABI_MISMATCH',
    source: 'manifest',
    found: 99,
    path: candidate.manifestPath,
    step: 'manifest',
  });
});

test('loadAll takes the good ones and says why not of the rest', async () => {
  const loader = new DynamicPluginLoader({
    pluginDirs: [folderOf('create-null', 'new-vtable', 'text-as-library', 'old-vtable', 'register-fails')],
    hostVersion: '1.0.0',
  });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: temporaryFolder() });
  const { loaded, refused } = await loader.loadAll(registry);
  expect(loaded.map(({ id }) => id)).toEqual(['new-vtable', 'old-vtable']);
  expect(registry.list()).toEqual(loaded);
  expect(refused.map(({ id, error }) => [id, error.code])).toEqual([
    ['create-null', 'ERR_CREATE_FAILED'],
    ['register-fails', 'ERR_REGISTER_FAILED'],
    ['text-as-library', 'ERR_LIBRARY_FORMAT'],
  ]);
  expect((await registry.initAll()).done).toEqual(loaded);
  expect((await registry.shutdownAll()).done).toEqual([...loaded].reverse());
});

test.each(['v1.0.0', ' 1.0.0 ', '1.0', 'latest', ''])('a host version of "%s" is refused at once', (hostVersion) => {
  expect(() => new DynamicPluginLoader({ hostVersion })).toThrow(expect.objectContaining({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'host' }));
});

async function onlyCandidate(folder: string) {
  const { candidates } = await new DynamicPluginLoader({ pluginDirs: [folder], hostVersion: '1.0.0' }).discover();
  const [candidate] = candidates;
  if (candidate === undefined) throw new Error(`no candidate in ${folder}`);
  return candidate;
}

test('whatever throws unexpectedly is a typed error with the error itself as its cause', async () => {
  const cause = new TypeError('a slip of the host');
  const { refused } = await loaderOf({ pluginDirs: [folderOf('good-c')] }).loadAll({ register: () => Promise.reject(cause) });
  expect(refused).toEqual([expect.objectContaining({ id: 'good-c', error: expect.objectContaining({ code: 'ERR_INTERNAL', reason: 'a slip of the host', cause }) as unknown })]);
});
