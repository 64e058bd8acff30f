/** Default folders are in the user's home, never in the current folder; without a home they must be given. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { copyFixture, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';

const dist = (file: string): string => JSON.stringify(path.join(projectRoot, 'build/modules', file));
const isWindows = process.platform === 'win32';

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What starts Node, such as as another user. */
  readonly prefix?: readonly string[];
}

function run(args: readonly string[], { env = {}, cwd, prefix = [] }: RunOptions) {
  const [program = '', ...rest] = [...prefix, process.execPath, ...args];
  const clean = { ...process.env, NODE_OPTIONS: '', AISOPOD_PLUGIN_PATH: '', AISOPOD_PLUGIN_PATHS: '' };
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd, encoding: 'utf8', env: { ...clean, ...env } });
  return { status, stdout, stderr };
}

/** Runs a script and returns the JSON that it prints. */
function answerOf(script: string, options: RunOptions): unknown {
  const { stdout, stderr } = run(['-e', script], options);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`no answer: ${stderr}`);
  }
}

/** The folders that a host uses unless it is given others. Makes none of them. */
const DEFAULTS = `
  const { readHostOptions } = require(${dist('host/host-options.js')});
  const { stateFolder } = require(${dist('quarantine/index.js')});
  const { defaultPluginDirs } = require(${dist('index.js')});
  const { dataDir, cacheDir } = readHostOptions({ hostVersion: '1.0.0' });
  console.log(JSON.stringify({ pluginDirs: defaultPluginDirs(), dataDir, cacheDir, quarantine: stateFolder(undefined, 'quarantine') }));
`;
const defaultsIn = (home: string): object => ({
  pluginDirs: [path.join(home, '.aisopod', 'plugins')],
  dataDir: path.join(home, '.aisopod', 'data'),
  cacheDir: path.join(home, '.aisopod', 'state'),
  quarantine: path.join(home, '.aisopod', 'state', 'quarantine'),
});

describe('the default folders', () => {
  const home = temporaryFolder();
  test.each([
    ['a home', home, home],
    ['an empty HOME', '', userInfo().homedir],
    ['a relative HOME', 'here', userInfo().homedir],
    ['HOME is the current folder', '.', userInfo().homedir],
  ])('%s', (_what, HOME, expected) => {
    expect(answerOf(DEFAULTS, { env: { HOME, USERPROFILE: HOME }, cwd: home })).toEqual(defaultsIn(expected));
  });
});

/** Nobody's user id, with no entry in the user database. */
const UID = '54321';
const AS_NOBODY = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'];
const canBeNobody =
  !isWindows && spawnSync(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), process.execPath, '-e', `require('node:fs').accessSync(${dist('index.js')})`]).status === 0;
const testHomeless = testWhere(canBeNobody, 'not root, or no setpriv, or others may not read this checkout');

describe('a user without HOME and without an entry in the user database', () => {
  let plugins: string;
  let own: string;
  beforeAll(() => {
    plugins = temporaryFolder();
    chmodSync(plugins, 0o755);
    copyFixture('good-c', plugins);
    own = path.join(plugins, 'own');
    mkdirSync(own);
    chmodSync(own, 0o777);
  });

  /** Opens a host and calls a tool, or says why not. */
  const open = (options: object, env: NodeJS.ProcessEnv = {}): unknown =>
    answerOf(
      `const { PluginHost } = require(${dist('index.js')});
       (async () => {
         const host = await PluginHost.open({ hostVersion: '1.0.0', ...${JSON.stringify(options)} });
         const answer = await host.find('tool', 'echo')?.call({ a: 1 });
         await host.close();
         return { answer };
       })().catch(({ code, option, message }) => ({ code, option, message })).then((result) => console.log(JSON.stringify(result)));`,
      { env: { HOME: undefined, ...env }, cwd: plugins, prefix: AS_NOBODY },
    );
  const folders = (): object => ({ pluginDirs: [plugins], dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state') });

  for (const isolation of ['process', 'in-process']) {
    testHomeless(`a host with all folders given works: ${isolation}`, () => {
      expect(open({ ...folders(), isolation })).toEqual({ answer: { a: 1 } });
    });
  }

  testHomeless('AISOPOD_PLUGIN_PATH stands for the plugin folders', () => {
    expect(open({ ...folders(), pluginDirs: undefined }, { AISOPOD_PLUGIN_PATH: plugins })).toEqual({ answer: { a: 1 } });
  });

  for (const option of ['pluginDirs', 'dataDir', 'stateDir']) {
    testHomeless(`${option} must be given`, () => {
      expect(open({ ...folders(), [option]: undefined })).toEqual({
        code: 'ERR_OPTIONS',
        option,
        message: expect.stringContaining('this user has no home folder') as unknown,
      });
    });
  }

  testHomeless('a path in ~ is refused', () => {
    expect(open({ ...folders(), dataDir: '~/data' })).toMatchObject({ code: 'ERR_OPTIONS', option: 'dataDir', message: expect.stringContaining('no home folder') as unknown });
  });

  const cli = (...args: string[]) =>
    run([path.join(projectRoot, 'dist/cli/main.js'), ...args], { env: { HOME: undefined }, cwd: plugins, prefix: AS_NOBODY });
  const noHome = (option: string): object => ({ status: 2, stderr: expect.stringContaining(`this user has no home folder: give ${option}`) as unknown });

  testHomeless('the command line says which option to give', () => {
    expect(cli('call', './good-c', 'echo')).toMatchObject(noHome('--data-dir'));
    expect(cli('list')).toMatchObject(noHome('--dir or AISOPOD_PLUGIN_PATH'));
    expect(cli('release', 'good-c')).toMatchObject(noHome('--state-dir'));
  });

  testHomeless('the command line works with that option', () => {
    expect(cli('call', './good-c', 'echo', '{"a":1}', '--data-dir', own)).toMatchObject({ status: 0, stdout: expect.stringContaining('"a"') as unknown });
    expect(cli('list', '--dir', plugins)).toMatchObject({ status: 0 });
  });
});

testWhere(process.platform === 'linux', 'Linux, which lists what is mapped')('private copies are never made in the current folder, also with a relative TMPDIR', () => {
  const cwd = temporaryFolder();
  mkdirSync(path.join(cwd, 'rel'));
  const plugins = temporaryFolder();
  copyFixture('good-c', plugins, '$LIB'); // the loader would expand this name, so a copy is opened
  const options = { hostVersion: '1.0.0', isolation: 'in-process', pluginDirs: [plugins], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  const script = `
    const { PluginHost } = require(${dist('index.js')});
    void (async () => {
      const host = await PluginHost.open(${JSON.stringify(options)});
      const library = require('node:fs').readFileSync('/proc/self/maps', 'utf8').split('\\n').find((line) => line.includes('good-c'))?.split(/ +/)[5];
      console.log(JSON.stringify([await host.find('tool', 'echo').call({ a: 1 }), library]));
      await host.close();
    })();`;
  for (const TMPDIR of ['rel', './rel', '.']) {
    const [answer, library = ''] = answerOf(script, { cwd, env: { TMPDIR, TEMP: TMPDIR, TMP: TMPDIR } }) as [unknown, string?];
    expect(answer).toEqual({ a: 1 });
    expect(library.startsWith(plugins) || library.startsWith(cwd)).toBe(false);
    expect(path.isAbsolute(library)).toBe(true);
  }
});
