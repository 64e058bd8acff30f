import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { HOOK_NAMES, manifestJsonSchema, parseManifest } from '../../src/manifest/index.js';
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

describe('what a manifest may say of the plugin', () => {
  const more = `license = "MIT OR Apache-2.0"
repository = "https://example.org/weather.git"
homepage = "http://example.org/weather?lang=no"
keywords = ["weather", "météo"]
[requirements]
env = ["WEATHER_KEY"]
programs = ["ffmpeg"]
optional_env = { HTTPS_PROXY = "forecasts behind a proxy" }
[requirements.optional_programs]
"convert" = "radar maps as PNG"
"gs-10.0" = "radar maps as PDF"
`;

  test('license, repository, homepage, keywords and requirements', () => {
    const { plugin, requirements } = parseManifest(MINIMAL + more);
    expect(plugin).toMatchObject({
      license: 'MIT OR Apache-2.0',
      repository: 'https://example.org/weather.git',
      homepage: 'http://example.org/weather?lang=no',
      keywords: ['weather', 'météo'],
    });
    expect(requirements).toEqual({
      env: ['WEATHER_KEY'],
      programs: ['ffmpeg'],
      optionalEnv: { HTTPS_PROXY: 'forecasts behind a proxy' },
      optionalPrograms: { convert: 'radar maps as PNG', 'gs-10.0': 'radar maps as PDF' },
    });
  });

  test('requirements that require nothing are none', () => {
    expect(parseManifest(`${MINIMAL}keywords = []\n[requirements]\nenv = []\noptional_env = {}\n`)).not.toHaveProperty('requirements');
    expect(parseManifest(`${MINIMAL}keywords = []\n`).plugin).not.toHaveProperty('keywords');
  });

  test('a description of several lines', () => {
    const text = MINIMAL.replace('description = "Forecasts"', 'description = """\nForecasts:\r\n\t- today\n\t- tomorrow\n"""');
    expect(parseManifest(text).plugin.description).toBe('Forecasts:\r\n\t- today\n\t- tomorrow\n');
  });

  test.each([
    ['description = "a\\u0007b"', 'plugin.description'],
    ['description = " \\n "', 'plugin.description'],
    ['license = ""', 'plugin.license'],
    ['repository = "git@example.org:weather"', 'plugin.repository'],
    ['homepage = "https://a b"', 'plugin.homepage'],
    ['keywords = ["a", "a"]', 'plugin.keywords[1]'],
    ['keywords = "weather"', 'plugin.keywords'],
    ['[requirements]\nenv = ["1A"]', 'requirements.env[0]'],
    ['[requirements]\nprograms = ["/bin/sh"]', 'requirements.programs[0]'],
    ['[requirements]\noptional_env = ["A"]', 'requirements.optional_env'],
    ['[requirements]\noptional_env = { A = "" }', 'requirements.optional_env.A'],
    ['[requirements]\noptional_env = { "A B" = "b" }', 'requirements.optional_env."A B"'],
    ['[requirements]\noptional_programs = { a = 1 }', 'requirements.optional_programs.a'],
  ])('%j is a problem', (line, key) => {
    const name = /^[a-z]+(?= =)/.exec(line)?.[0] ?? '';
    const text = `${MINIMAL.split('\n').filter((row) => name === '' || !row.startsWith(`${name} =`)).join('\n')}${line}\n`;
    expect(problemsOf(text).map((problem) => problem.key)).toEqual([key]);
  });

  test('the published JSON Schema knows them', () => {
    const validate = new Ajv2020({ strict: true }).compile(manifestJsonSchema());
    const plugin = { id: 'a', name: 'A', version: '1.0.0', description: 'd\ne', author: 'b', entry_point: 'a', license: 'MIT', keywords: ['k'] };
    const requirements = { env: ['A'], optional_programs: { git: 'updates' } };
    expect(validate({ plugin, requirements })).toBe(true);
    expect(validate({ plugin: { ...plugin, homepage: 'ftp://x' } })).toBe(false);
    expect(validate({ plugin, requirements: { optional_env: { 'A B': 'x' } } })).toBe(false);
    expect(validate({ plugin, requirements: { optional_env: { A: '' } } })).toBe(false);
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
    ['[plugin]\nlicence = "MIT"', 'plugin.licence', 'Did you mean plugin.license?'],
    ['[requirement]\n', 'requirement', 'Did you mean requirements?'],
    ['[requirements]\noptional_program = {}', 'requirements.optional_program', 'Did you mean requirements.optional_programs?'],
    ['[capabilities]\nhooks = ["before_tool_execute"]', 'capabilities.hooks[0]', 'Did you mean BeforeToolExecute?'],
    ['[capabilities]\nhooks = ["OnSesionEnd"]', 'capabilities.hooks[0]', 'Did you mean OnSessionEnd?'],
  ])('%j: the nearest known word for %s', (text, key, hint) => {
    expect(problemsOf(text).find((problem) => problem.key === key)?.hint).toBe(hint);
  });

  test.each(['colour = "red"', 'x = 1', '"" = 1'])('%s is like no known key, so none is named', (assignment) => {
    expect(problemsOf(`${MINIMAL}${assignment}`)).toEqual([expect.not.objectContaining({ hint: expect.anything() })]);
  });

  test('an unknown key names the known ones of its table', () => {
    expect(problemsOf(`${MINIMAL}[config]\nschema = "a"\nx = 1`)).toMatchObject([{ key: 'config.x', line: 10, expected: 'one of schema', found: '"x"' }]);
  });

  test('a key that needs quotes is quoted, its control characters escaped', () => {
    expect(problemsOf(`${MINIMAL}"a\\u001b[2J.b" = 1`)).toMatchObject([{ key: 'plugin."a\\u001b[2J.b"' }]);
  });
});
