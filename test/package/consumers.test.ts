import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildSync, type BuildOptions } from 'esbuild';
import { symlinkSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { folderOf, projectRoot, temporaryFolder } from '../support/fixtures.js';
import { TSC } from '../support/tsc.js';
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

describe('aisopod-plugin/mcp', () => {
  const outcome = (): unknown => JSON.parse(node('mcp.mjs'));

  test('without the SDK everything can be loaded, and a server says what to install', () => {
    const missing = {
      isLoadError: true,
      code: 'ERR_MISSING_PACKAGE',
      message: 'the package @modelcontextprotocol/server is not installed',
      hint: 'Install it beside aisopod-plugin: npm install @modelcontextprotocol/server',
    };
    expect(outcome()).toEqual({ names: ['createMcpServer', 'mcpPlugin'], isSame: true, loadedEarly: [], outcomes: [missing, missing] });
  });

  test('with the SDK, it is loaded when a server is made', () => {
    const sdk = path.join(project, 'node_modules/@modelcontextprotocol');
    symlinkSync(path.join(projectRoot, 'node_modules/@modelcontextprotocol'), sdk, 'junction');
    try {
      expect(outcome()).toMatchObject({ loadedEarly: [], outcomes: ['a server', 'a server'] });
    } finally {
      unlinkSync(sdk);
    }
  });
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

/** Each with another compiler: users have both. */
const COMPILERS = { nodenext: requireHere.resolve('typescript/bin/tsc'), bundler: TSC } as const;
type Resolution = keyof typeof COMPILERS;

const compiled = new Set<Resolution>();

/** Compiles the TypeScript consumers, without skipLibCheck, once. Returns the folder. */
function compile(resolution: Resolution): string {
  const typeRoots = path.join(projectRoot, 'node_modules/@types');
  const folder = `compiled-${resolution}`;
  if (!compiled.has(resolution)) node(COMPILERS[resolution], '-p', `typescript/tsconfig.${resolution}.json`, '--typeRoots', typeRoots, '--outDir', folder);
  compiled.add(resolution);
  return folder;
}

test.each([['6', 'nodenext'], ['7', 'bundler']] as const)('TypeScript %s accepts its declarations under %s, without skipLibCheck', (_version, resolution) => {
  compile(resolution);
});

describe('a host with a plugin works in both isolations and ends by itself', () => {
  const ANSWERS = { 'in-process': { text: 'hé' }, process: { text: 'hé' } };
  const own = temporaryFolder();
  let options: object;
  beforeAll(() => {
    options = { pluginDirs: [folderOf('good-c')], dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state') };
  });
  const runHost = (...args: string[]): string => run(process.execPath, args, project, false, { CONSUMER_OPTIONS: JSON.stringify(options) });

  test.each(['host-program.mjs', 'host-program.cjs'])('as a program: %s', (file) => {
    expect(JSON.parse(runHost(file))).toEqual(ANSWERS);
  });

  test('as a program in TypeScript, compiled to an ES module and to CommonJS', () => {
    const folder = compile('nodenext');
    expect(JSON.parse(runHost(`${folder}/host.mjs`))).toEqual(ANSWERS);
    expect(JSON.parse(runHost(`${folder}/host.cjs`))).toEqual(ANSWERS);
  });

  test('as a program in TypeScript, by tsx', () => {
    const tsx = path.join(projectRoot, 'node_modules/tsx/dist/cli.mjs');
    expect(JSON.parse(runHost(tsx, 'typescript/host.mts'))).toEqual(ANSWERS);
  });

  test.each<[string, BuildOptions]>([
    ['mjs', { format: 'esm', banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } }],
    ['cjs', { format: 'cjs' }],
  ])('as a bundle of esbuild: %s', (extension, form) => {
    const outfile = path.join(project, `bundle.${extension}`);
    buildSync({ entryPoints: [path.join(project, `host-program.${extension}`)], outfile, bundle: true, platform: 'node', external: ['koffi'], logLevel: 'error', ...form });
    expect(JSON.parse(runHost(outfile))).toEqual(ANSWERS);
  });

  test.each(['host.jest.cjs', 'host.jest.mjs'])('in jest: %s', (file) => {
    // The jest of this checkout, and its globals, which the project does not install.
    const globals = { '^@jest/globals$': requireHere.resolve('@jest/globals') };
    const config = JSON.stringify({ rootDir: project, testMatch: [`**/${file}`], transform: {}, moduleFileExtensions: ['js', 'mjs', 'cjs'], moduleNameMapper: globals });
    runHost('--experimental-vm-modules', requireHere.resolve('jest/bin/jest'), '--config', config, '--runInBand');
  });

  test("in Node's test runner", () => {
    expect(runHost('--test', 'host.node-test.mjs')).toMatch(/pass 1\n/);
  });
});
