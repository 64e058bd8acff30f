import { describe, expect, test } from '@jest/globals';
import { HOOK_NAMES, parseManifest } from '../../src/manifest/index.js';
import { MINIMAL, problemsIn, refusalOf } from './sample.js';

const FULL = `${MINIMAL}
[capabilities]
tools = ["forecast", "radar_map"]
commands = ["weather.today"]
hooks = ["BeforeToolExecute", "OnSessionEnd"]
channels = ["sms"]
providers = ["local-llm"]

[compatibility]
min_host_version = "1.0.0-beta.1"
max_host_version = "2.0.0"
abi = 1

[config]
schema = "schemas/config.schema.json"
`;

const problemsOf = (text: string) => problemsIn(refusalOf(() => parseManifest(text)));

describe('parseManifest', () => {
  test('every key comes back, by its name in the program', () => {
    expect(parseManifest(FULL)).toStrictEqual({
      plugin: { id: 'weather', name: 'Weather', version: '1.4.0', description: 'Forecasts', author: 'A. Author', entryPoint: 'weather' },
      capabilities: {
        tools: ['forecast', 'radar_map'],
        commands: ['weather.today'],
        hooks: ['BeforeToolExecute', 'OnSessionEnd'],
        channels: ['sms'],
        providers: ['local-llm'],
      },
      compatibility: { minHostVersion: '1.0.0-beta.1', maxHostVersion: '2.0.0', abi: 1 },
      config: { schema: 'schemas/config.schema.json' },
    });
  });

  test.each(['', '[capabilities]\n', '[capabilities]\ntools = []\n[compatibility]\n'])('what is left out of %j is empty or absent', (rest) => {
    const { capabilities, compatibility, config } = parseManifest(MINIMAL + rest);
    expect(capabilities).toStrictEqual({ tools: [], commands: [], hooks: [], channels: [], providers: [] });
    expect(compatibility).toStrictEqual({});
    expect(config).toBeUndefined();
  });

  test('all twelve hooks are known', () => {
    expect(new Set(HOOK_NAMES).size).toBe(12);
    const { capabilities } = parseManifest(`${MINIMAL}[capabilities]\nhooks = ${JSON.stringify(HOOK_NAMES)}`);
    expect(capabilities.hooks).toEqual(HOOK_NAMES);
  });

  test.each(['libweather', 'weather.so', 'weather-2', 'wetterfrösche', 'my plugin', 'console'])('entry point %s is a bare name', (name) => {
    expect(parseManifest(MINIMAL.replace('entry_point = "weather"', `entry_point = "${name}"`)).plugin.entryPoint).toBe(name);
  });

  test.each(['a', '0', 'a.b-c_d', 'com', 'console', 'com10', 'aux-send', 'a'.repeat(64)])('id %s', (id) => {
    expect(parseManifest(MINIMAL.replace('id = "weather"', `id = "${id}"`)).plugin.id).toBe(id);
  });

  test.each(['0.0.0', '1.0.0-rc.1', '1.0.0-0a.b-c', '1.2.3+build.5', '1.0.0--'])('version %s', (version) => {
    expect(parseManifest(MINIMAL.replace('1.4.0', version)).plugin.version).toBe(version);
  });
});

describe('problems', () => {
  test('all at once, in the order of the file, each with its place', () => {
    const text = `[plugin]
id = "Weather"
nmae = "Weather"
version = "1.4"
description = "Forecasts"
author = 7
[capabilities]
tools = ["ok",
         "not ok"]
[compatibility]
min_host_version = "2.0.0"
max_host_version = "1.0.0"
abi = 0
`;
    const error = refusalOf(() => parseManifest(text, { path: '/p/aisopod.plugin.toml' }));
    expect(problemsIn(error).map(({ key, line, column, message }) => [key, line, column, message])).toEqual([
      ['plugin.name', 1, 2, 'missing'],
      ['plugin.entry_point', 1, 2, 'missing'],
      ['plugin.id', 2, 1, 'not allowed'],
      ['plugin.nmae', 3, 1, 'unknown key'],
      ['plugin.version', 4, 1, 'not allowed'],
      ['plugin.author', 6, 1, 'wrong type'],
      ['capabilities.tools[1]', 9, 10, 'not allowed'],
      ['compatibility.min_host_version', 11, 1, 'not allowed'],
      ['compatibility.abi', 13, 1, 'not allowed'],
    ]);
    expect(error).toMatchObject({ step: 'manifest', path: '/p/aisopod.plugin.toml', hint: 'Did you mean plugin.name?' });
    expect(error.message).toContain('line 4, column 1: plugin.version: not allowed');
    expect(error.pluginId).toBeUndefined();
  });

  test('the error carries the id where that is sound', () => {
    expect(refusalOf(() => parseManifest(MINIMAL.replace('1.4.0', 'one'))).pluginId).toBe('weather');
  });

  test.each([
    ['[plugin]\nentrypoint = 1', 'plugin.entrypoint', 'Did you mean plugin.entry_point?'],
    ['[plugin]\n"Entry-Point" = 1', 'plugin.Entry-Point', 'Did you mean plugin.entry_point?'],
    ['[plugin]\nverison = 1', 'plugin.verison', 'Did you mean plugin.version?'],
    ['[capability]\n', 'capability', 'Did you mean capabilities?'],
    ['[compatibility]\nmin_hots_version = "1.0.0"', 'compatibility.min_hots_version', 'Did you mean compatibility.min_host_version?'],
    ['[plugin]\nmin_host_version = "1.0.0"', 'plugin.min_host_version', 'Did you mean compatibility.min_host_version?'],
    ['tools = []', 'tools', 'Did you mean capabilities.tools?'],
    ['[capabilities]\nhooks = ["before_tool_execute"]', 'capabilities.hooks[0]', 'Did you mean BeforeToolExecute?'],
    ['[capabilities]\nhooks = ["OnSesionEnd"]', 'capabilities.hooks[0]', 'Did you mean OnSessionEnd?'],
  ])('%j: the nearest known word for %s', (text, key, hint) => {
    expect(problemsOf(text).find((problem) => problem.key === key)?.hint).toBe(hint);
  });

  test.each(['licence = "MIT"', 'x = 1', '"" = 1'])('%s is like no known key, so none is named', (assignment) => {
    expect(problemsOf(`${MINIMAL}${assignment}`)).toEqual([expect.not.objectContaining({ hint: expect.anything() })]);
  });

  test('an unknown key names the known ones of its table', () => {
    expect(problemsOf(`${MINIMAL}[config]\nschema = "a"\nx = 1`)).toMatchObject([{ key: 'config.x', line: 10, expected: 'one of schema', found: '"x"' }]);
  });

  test('a key that needs quotes is quoted, its control characters escaped', () => {
    expect(problemsOf(`${MINIMAL}"a\\u001b[2J.b" = 1`)).toMatchObject([{ key: 'plugin."a\\u001b[2J.b"' }]);
  });
});
