import { beforeAll, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';
import { npm, pack, run } from './run.js';

const requireHere = createRequire(path.join(projectRoot, 'package.json'));
const EXERCISED = { code: 'ERR_LIBRARY_FORMAT', isPluginError: true };

/** An empty project with the packed package installed, as a host author has it. */
let project: string;
beforeAll(() => {
  project = pack().folder;
  npm('install --prefer-offline --no-audit --no-fund', project);
});

const node = (...args: string[]): string => run(process.execPath, args, project);

test('import and require give the same objects under the same names: there is one copy of the state', () => {
  const { exercised, names, different } = JSON.parse(node('imports.mjs')) as {
    exercised: unknown;
    names: { imported: string[]; required: string[] };
    different: string[];
  };
  expect(exercised).toEqual(EXERCISED);
  expect(names.imported).toContain('PluginError');
  expect(names.imported).toEqual(names.required);
  expect(different).toEqual([]);
});

test('CommonJS requires it, without help from require() of ES modules', () => {
  expect(JSON.parse(node('--no-experimental-require-module', 'requires.cjs'))).toEqual({ exercised: EXERCISED });
});

test('the command line runs by npx and by its link, and cmake-dir is the folder of this very package', () => {
  const installed = path.join(project, 'node_modules/aisopod-plugin/cmake').split(path.sep).join('/');
  const inBin = path.join('node_modules', '.bin', 'aisopod-plugin');
  for (const command of ['npx --no-install aisopod-plugin', inBin]) {
    expect(run(`${command} cmake-dir`, [], project, true).trim()).toBe(installed);
    expect(JSON.parse(run(`${command} list --dir none --json`, [], project, true))).toEqual({ plugins: [] });
  }
});

test("it works in a consumer's CommonJS jest", () => {
  const config = JSON.stringify({ rootDir: project, testMatch: ['**/jest.cjs'], transform: {} });
  node(requireHere.resolve('jest/bin/jest'), '--config', config, '--runInBand');
});

test.each(['nodenext', 'bundler'])('TypeScript accepts its declarations under %s, without skipLibCheck', (resolution) => {
  const typeRoots = path.join(projectRoot, 'node_modules/@types');
  node(requireHere.resolve('typescript/bin/tsc'), '-p', `typescript/tsconfig.${resolution}.json`, '--typeRoots', typeRoots);
});
