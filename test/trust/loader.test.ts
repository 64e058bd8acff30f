import { describe, expect, test } from '@jest/globals';
import { chmodSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { DynamicPluginLoader, type PluginSink, type TrustOptions } from '../../src/index.js';
import { fixtureDir, folderOf, temporaryFolder } from '../support/fixtures.js';
import { candidateIn, onPosix } from './plugin.js';

const loaderOf = (pluginDir: string, trust: TrustOptions = {}, cacheDir?: string): DynamicPluginLoader =>
  new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [pluginDir], trust, ...(cacheDir !== undefined && { cacheDir }) });

/** Nothing is registered: only the way there counts. */
const sink = { register: () => Promise.resolve() };

describe('trust on the way of a plugin', () => {
  test('comes after the manifest and before the library is read', async () => {
    const loader = loaderOf(folderOf('good-c'));
    const { candidates } = await loader.discover();
    for (const candidate of candidates) {
      const entries = await loader.explain(candidate);
      expect(entries.map(({ step }) => step)).toEqual([...entries.map(({ step }) => step)].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
      expect(entries.filter(({ step }) => step === 'trust').map(({ check, decision }) => `${check}: ${decision}`)).toEqual([
        'policy: passed',
        'library file: passed',
        'inside the plugin folder: passed',
        `ownership and permissions: ${process.platform === 'win32' ? 'noted' : 'passed'}`,
        'lock: noted',
        'signature: noted',
      ]);
    }
  });

  test.each([undefined, null, 5, 'x', {}])('loads nothing into what is no registry: %p', async (registry) => {
    const loading = loaderOf(folderOf('good-c')).loadAll(registry as PluginSink);
    await expect(loading).rejects.toMatchObject({ code: 'ERR_OPTIONS', option: 'registry', expected: 'a PluginRegistry' });
  });

  test('refuses one plugin, and the others go on', async () => {
    const { loaded, refused } = await loaderOf(folderOf('good-c', 'good-cpp'), { deny: ['good-c'] }).loadAll(sink);
    expect(loaded.map(({ id }) => id)).toEqual(['good-cpp']);
    expect(refused).toMatchObject([{ id: 'good-c', error: { code: 'ERR_DENIED_BY_POLICY', step: 'trust' } }]);
  });

  onPosix('refuses a plugin that anybody may replace', async () => {
    const pluginDir = folderOf('good-c');
    chmodSync(path.join(pluginDir, 'good-c'), 0o777);
    const { refused } = await loaderOf(pluginDir).loadAll(sink);
    expect(refused).toMatchObject([{ error: { code: 'ERR_UNSAFE_PERMISSIONS', path: path.join(pluginDir, 'good-c') } }]);
    expect((await loaderOf(pluginDir, { ownership: 'warn' }).loadAll(sink)).loaded).toHaveLength(1);
  });
});

describe('the cache of a loader', () => {
  test('is filled where one is given', async () => {
    const candidate = await candidateIn(fixtureDir('good-c'));
    const cacheDir = path.join(temporaryFolder(), 'state');
    await loaderOf(temporaryFolder(), {}, cacheDir).explain(candidate);
    expect(readdirSync(path.join(cacheDir, 'triage'))).toHaveLength(1);
  });
});

const ORDER = ['scan', 'manifest', 'trust', 'triage'];
