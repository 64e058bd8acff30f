import { afterEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import { copyFixture, temporaryFolder } from '../support/fixtures.js';
import { appendToManifest, open } from '../host/host.js';

const SECRET = 'AISOPOD_TEST_REQUIREMENT';
const PATH = process.env.PATH;

afterEach(() => {
  Reflect.deleteProperty(process.env, SECRET);
  process.env.PATH = PATH;
});

/** A host with good-cpp, whose manifest has these requirements. */
async function hostWith(requirements: string, options: Partial<PluginHostOptions>): Promise<PluginHost> {
  const folder = temporaryFolder();
  appendToManifest(copyFixture('good-cpp', folder), `\n[requirements]\n${requirements}\n`);
  return open({ pluginDirs: [folder], ...options });
}

/** Those of triage depend on the compiler. */
const warningsOf = (host: PluginHost): readonly string[] => (host.explain('good-cpp')?.warnings ?? []).filter((warning) => warning.startsWith('requirements'));

/** Puts a file of this name on the PATH, which has no other folders then. */
function onPath(name: string, isProgram: boolean): void {
  const folder = temporaryFolder();
  const file = path.join(folder, process.platform === 'win32' && isProgram ? `${name}.cmd` : name);
  writeFileSync(file, '');
  chmodSync(file, isProgram ? 0o755 : 0o644);
  process.env.PATH = ['.', '', folder].join(path.delimiter);
}

const homes: readonly (readonly [string, Partial<PluginHostOptions>])[] = [
  ['in-process', { isolation: 'in-process' }],
  ['in a child', { isolation: 'process', processes: { inheritEnv: [SECRET] } }],
];

describe.each(homes)('%s', (_home, options) => {
  test('a plugin with all that it requires is active', async () => {
    process.env[SECRET] = 'x';
    onPath('aisopod-tool', true);
    const host = await hostWith(`env = ["${SECRET}"]\nprograms = ["aisopod-tool"]`, options);
    expect(warningsOf(host)).toEqual([]);
    expect(host.explain('good-cpp')).toMatchObject({ state: 'active', requirements: { env: [SECRET], programs: ['aisopod-tool'] } });
    expect(host.explain('good-cpp')?.trace).toContainEqual(expect.objectContaining({ step: 'manifest', check: 'requirements', decision: 'passed' }));
  });

  test('what is missing refuses it, before any of its code runs; all of it is named', async () => {
    onPath('other', true);
    const host = await hostWith(`env = ["${SECRET}", "PATH"]\nprograms = ["aisopod-tool", "other"]`, options);
    expect(host.explain('good-cpp')).toMatchObject({
      state: 'refused',
      code: 'ERR_REQUIREMENT',
      step: 'manifest',
      message: expect.stringContaining(`needs what is missing: the environment variable ${SECRET}, the program aisopod-tool`),
      hint: expect.stringContaining('processes.inheritEnv'),
    });
    expect(host.explain('good-cpp')?.trace.at(-1)).toMatchObject({ check: 'requirements', decision: 'refused', code: 'ERR_REQUIREMENT' });
  });

  test('what is optional and missing is a warning that says what will not work', async () => {
    onPath('other', true);
    const host = await hostWith(`optional_env = { ${SECRET} = "forecasts" }\noptional_programs = { other = "nothing", aisopod-tool = "radar maps" }`, options);
    expect(host.explain('good-cpp')).toMatchObject({ state: 'active' });
    expect(warningsOf(host)).toEqual([
      `requirements: the environment variable ${SECRET} is missing; this will not work: forecasts`,
      'requirements: the program aisopod-tool is missing; this will not work: radar maps',
    ]);
  });

  test('an empty variable is missing; so is a program that is a folder', async () => {
    process.env[SECRET] = '';
    onPath('other', true);
    mkdirSync(path.join(process.env.PATH?.split(path.delimiter).at(-1) ?? '', 'aisopod-tool'));
    const host = await hostWith(`env = ["${SECRET}"]\nprograms = ["aisopod-tool"]`, options);
    expect(host.explain('good-cpp')?.message).toContain(`the environment variable ${SECRET}, the program aisopod-tool`);
  });
});

test('a child without the variable is missing it, though the host has it', async () => {
  process.env[SECRET] = 'x';
  const requirements = `env = ["${SECRET}"]`;
  expect((await hostWith(requirements, { isolation: 'process' })).explain('good-cpp')).toMatchObject({ code: 'ERR_REQUIREMENT' });
  expect((await hostWith(requirements, { isolation: 'process', processes: { env: { [SECRET]: 'y' } } })).explain('good-cpp')).toMatchObject({ state: 'active' });
  expect((await hostWith(requirements, {})).explain('good-cpp')).toMatchObject({ state: 'active' });
});

if (process.platform !== 'win32') {
  test('a file that cannot be run is no program', async () => {
    onPath('aisopod-tool', false);
    expect((await hostWith('programs = ["aisopod-tool"]', {})).explain('good-cpp')).toMatchObject({ code: 'ERR_REQUIREMENT' });
  });
}
