import { describe, expect, test } from '@jest/globals';
import TOML from '@iarna/toml';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { optionsFromAisopod } from '../../src/host/aisopod-config.js';
import { folderOf, projectRoot } from '../support/fixtures.js';
import { open, statesOf } from './host.js';

const file = (): unknown => TOML.parse(readFileSync(path.join(projectRoot, 'test/host/aisopod.toml'), 'utf8'));

test('a file of aisopod becomes our options', () => {
  expect(optionsFromAisopod(file())).toEqual({
    pluginDirs: ['~/.aisopod/plugins'],
    config: { 'good-c': { greeting: 'ahoj' } },
    disabled: ['call-log'],
    versions: { 'good-c': '1.0.0' },
    timeouts: { create: 45_000, register: 45_000, init: 45_000 },
    trust: { allow: ['good-c', 'good-cpp', 'call-log'] },
  });
});

test('a host opens with them', async () => {
  const host = await open({ ...optionsFromAisopod(file()), pluginDirs: [folderOf('good-c', 'good-cpp', 'call-log', 'one-thread')] });
  expect(statesOf(host)).toEqual([
    ['call-log', 'disabled'],
    ['good-c', 'active'],
    ['good-cpp', 'active'],
    ['one-thread', 'refused'],
  ]);
  expect((await host.find('command', 'greet')?.run(['Ada']))?.stdout).toBe('ahoj Ada\n');
});

test.each([{}, { plugins: {} }, { gateway: {} }])('a file that says nothing of plugins: %j', (given) => {
  expect(optionsFromAisopod(given)).toEqual({});
});

test.each<[string, object, object]>([
  ['auto_load loads all but what is disabled', { settings: { auto_load: true }, registry: [{ id: 'a' }, { id: 'b', enabled: true }] }, { disabled: ['a'] }],
  ['a registry without settings loads only what is enabled', { registry: [{ id: 'a', enabled: true }] }, { trust: { allow: ['a'] } }],
  ['settings without a registry load nothing', { settings: { plugin_dir: '/p' } }, { pluginDirs: ['/p'], trust: { allow: [] } }],
  ['an empty table is an empty registry', { registry: {}, settings: { auto_load: true, plugin_dir: '' } }, {}],
  ['a version that is wanted of a disabled plugin does not matter', { settings: { auto_load: true }, registry: [{ id: 'a', version: '2.0.0' }] }, { disabled: ['a'] }],
])('%s', (_what, plugins, options) => {
  expect(optionsFromAisopod({ plugins })).toEqual(options);
});

test.each<[string, unknown]>([
  ['configuration', 5],
  ['plugins', { plugins: [] }],
  ['plugins.weather', { plugins: { weather: 'on' } }],
  ['plugins.settings', { plugins: { settings: 1 } }],
  ['plugins.settings.auto_load', { plugins: { settings: { auto_load: 'yes' } } }],
  ['plugins.settings.plugin_dir', { plugins: { settings: { plugin_dir: 5 } } }],
  ['plugins.settings.load_timeout', { plugins: { settings: { load_timeout: 0 } } }],
  ['plugins.registry', { plugins: { registry: 'a' } }],
  ['plugins.registry[0]', { plugins: { registry: [null] } }],
  ['plugins.registry[0].id', { plugins: { registry: [{}] } }],
  ['plugins.registry[1].version', { plugins: { registry: [{ id: 'a' }, { id: 'b', version: 1 }] } }],
  ['plugins.registry[0].enabled', { plugins: { registry: [{ id: 'a', enabled: 1 }] } }],
])('%s of the wrong kind is a typed error', (option, given) => {
  expect(() => optionsFromAisopod(given)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option }));
});

describe('the option versions', () => {
  test('refuses another version of the plugin, before any of its code runs', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c', 'good-cpp')], versions: { 'good-c': '^2.0.0', 'good-cpp': '>=1 <2' } });
    expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_PLUGIN_VERSION', step: 'manifest', message: expect.stringContaining('is version 1.0.0, the host wants ^2.0.0') });
    expect(host.explain('good-cpp')).toMatchObject({ state: 'active' });
    expect(host.explain('good-cpp')?.trace).toContainEqual(expect.objectContaining({ check: 'version of the plugin', expected: '>=1 <2', found: '1.0.0' }));
  });

  test.each([5, { a: 1 }, { a: 'latest!' }, []])('of the wrong kind is a typed error: %j', async (versions) => {
    await expect(open({ versions } as never)).rejects.toMatchObject({ code: 'ERR_OPTIONS', option: 'versions', expected: 'an object of SemVer ranges by plugin id' });
  });
});
