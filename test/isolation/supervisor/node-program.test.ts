/** Which program runs a child: Node, and never the host itself. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeProgram } from '../../../src/isolation/supervisor/node-program.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { HANG_MS } from '../../support/hang.js';

/**
 * A host that can be packaged as a single executable: it reports its start, and keeps running if it was started as a child.
 * Nine starts are too many.
 */
const HOST = `
  const fs = require('node:fs');
  fs.appendFileSync(process.env.STARTS, 'start\\n');
  if (fs.readFileSync(process.env.STARTS, 'utf8').length > 9 * 6) process.exit(9);
  const { createRequire } = require('node:module');
  const { PluginHost } = createRequire(process.env.PACKAGE)(process.env.PACKAGE);
  PluginHost.open(JSON.parse(process.env.OPTIONS)).then(async (host) => {
    const { state, code, hint, message } = host.explain('good-c');
    const echo = await host.find('tool', 'echo')?.call({ a: 1 });
    await host.close();
    console.log(JSON.stringify({ state, code, hint, message, echo }));
  }, ({ code, hint, message }) => {
    console.log(JSON.stringify({ code, hint, message }));
    if (process.env.AISOPOD_PLUGIN_CHILD !== undefined) setTimeout(() => {}, 600_000);
  });`;

let file: string;
let pluginDirs: string[];
beforeAll(() => {
  file = path.join(temporaryFolder(), 'host.cjs');
  writeFileSync(file, HOST);
  pluginDirs = [folderOf('good-c')];
});

interface RunOptions {
  readonly program?: string;
  readonly args?: readonly string[];
  readonly processes?: object;
  readonly env?: NodeJS.ProcessEnv;
}

/** What the host printed, and how often it was started. */
function run({ program = process.execPath, args = [file], processes = {}, env = {} }: RunOptions): { readonly answer: unknown; readonly starts: number } {
  const folder = temporaryFolder();
  const starts = path.join(folder, 'starts');
  const variables = { STARTS: starts, PACKAGE: path.join(projectRoot, 'dist/index.js'), HOST_FILE: file };
  // A child gets them too: the host must be able to start again, if it is started.
  const options = { hostVersion: '1.0.0', pluginDirs, dataDir: path.join(folder, 'data'), stateDir: path.join(folder, 'state'), processes: { inheritEnv: [...Object.keys(variables), 'OPTIONS'], ...processes } };
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: HANG_MS, env: { ...process.env, NODE_OPTIONS: '', AISOPOD_PLUGIN_NODE: '', ...env, ...variables, OPTIONS: JSON.stringify(options) } });
  if (stdout === '') throw new Error(stderr);
  return { answer: JSON.parse(stdout), starts: readFileSync(starts, 'utf8').length / 6 };
}

const FINE = { state: 'active', echo: { a: 1 } };
const refusal = (reason: string | RegExp) => ({
  state: 'refused',
  code: 'ERR_CHILD_PROCESS',
  hint: 'Set processes.nodePath to the absolute path of Node on this machine.',
  message: expect.stringMatching(reason) as unknown,
});

test('the host itself in the place of its child is refused at the first try: it starts once more, and no further', () => {
  const { answer, starts } = run({ processes: { childEntry: file } });
  expect(answer).toEqual(refusal("the host's own program, not Node"));
  expect(starts).toBe(2);
});

describe('a host that was packaged as a single executable', () => {
  test('by a packager that says so (emulated by its mark on process): refused without starting anything', () => {
    const marked = ['--require', markedAsPackaged(), file];
    expect(run({ args: marked })).toEqual({ answer: refusal('packaged as a single executable'), starts: 1 });
    expect(run({ args: marked, processes: { nodePath: process.execPath } })).toEqual({ answer: FINE, starts: 1 });
  });

  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const buildsSea = major > 25 || (major === 25 && minor >= 5);
  testWhere(buildsSea, 'this Node cannot build a single executable application by itself')('by Node: refused, and with nodePath it runs', () => {
    const folder = temporaryFolder();
    const config = path.join(folder, 'sea.json');
    const app = path.join(folder, 'app');
    writeFileSync(config, JSON.stringify({ main: file, output: app, disableExperimentalSEAWarning: true }));
    const { status, stderr } = spawnSync(process.execPath, ['--build-sea', config], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    if (status !== 0) throw new Error(stderr);
    expect(run({ program: app, args: [] })).toEqual({ answer: refusal('packaged as a single executable'), starts: 1 });
    const childEntry = path.join(projectRoot, 'dist/isolation/child/main.js');
    expect(run({ program: app, args: [], processes: { nodePath: process.execPath, childEntry } })).toEqual({ answer: FINE, starts: 1 });
  });

  test('under another name is asked what it is: Node is Node, whatever it is called', () => {
    const app = path.join(temporaryFolder(), process.platform === 'win32' ? 'gateway.exe' : 'gateway');
    copyOf(process.execPath, app);
    expect(run({ program: app })).toEqual({ answer: FINE, starts: 1 });
  });
});

const testPosix = testWhere(process.platform !== 'win32', 'Windows runs no scripts');

/** A program called node that runs these lines of shell. */
const script = (text: string): string => {
  const program = path.join(temporaryFolder(), 'node');
  writeFileSync(program, `#!/bin/sh\n${text}\n`);
  chmodSync(program, 0o755);
  return program;
};
const facts = (changes: object): string => `echo '${JSON.stringify({ version: '24.1.0', platform: process.platform, arch: process.arch, ...changes })}'`;

describe('AISOPOD_PLUGIN_NODE', () => {
  const missing = path.join(path.parse(process.execPath).root, 'nowhere', 'node');

  test('is used if nodePath is not given', () => {
    const app = path.join(temporaryFolder(), process.platform === 'win32' ? 'gateway.exe' : 'gateway');
    copyOf(process.execPath, app);
    expect(run({ env: { AISOPOD_PLUGIN_NODE: app } })).toEqual({ answer: FINE, starts: 1 });
    expect(run({ env: { AISOPOD_PLUGIN_NODE: missing } })).toEqual({ answer: refusal(/nowhere.node cannot run it: .*ENOENT/), starts: 1 });
    expect(run({ env: { AISOPOD_PLUGIN_NODE: missing }, processes: { nodePath: app } })).toEqual({ answer: FINE, starts: 1 });
  });

  test('is refused if it is not absolute', () => {
    expect(run({ env: { AISOPOD_PLUGIN_NODE: 'node' } })).toEqual({ answer: refusal('AISOPOD_PLUGIN_NODE, which must be an absolute path'), starts: 1 });
  });
});

describe.each(['Bun', 'Deno'])('a host that runs on %s (emulated by its mark on process)', (runtime) => {
  const onRuntime = (PATH: string, processes = {}) => run({ args: ['--require', marked(runtime), file], env: { PATH }, processes });
  const nodeFolder = (): string => {
    const folder = temporaryFolder();
    copyOf(process.execPath, path.join(folder, process.platform === 'win32' ? 'node.exe' : 'node'));
    return folder;
  };
  const noNode = (reason: string | RegExp): object => ({ ...refusal(reason), hint: expect.stringMatching(/^Install Node .*processes\.nodePath/) as unknown });

  test('runs children on the first Node in PATH', () => {
    const PATH = [temporaryFolder(), nodeFolder()].join(path.delimiter);
    expect(onRuntime(PATH)).toEqual({ answer: FINE, starts: 1 });
  });

  test('is refused if PATH has none, and runs with nodePath', () => {
    expect(onRuntime(temporaryFolder())).toEqual({ answer: noNode(`the host runs on ${runtime}, and PATH has no suitable Node`), starts: 1 });
    expect(onRuntime(temporaryFolder(), { nodePath: process.execPath })).toEqual({ answer: FINE, starts: 1 });
  });

  testPosix('does not search a relative or empty entry of PATH: it means the current folder', () => {
    const program = script(`echo ran > "${path.join(temporaryFolder(), 'ran')}"`);
    const relative = path.relative(process.cwd(), path.dirname(program));
    expect(onRuntime(`:${relative}`)).toEqual({ answer: noNode('PATH has no suitable Node'), starts: 1 });
  });

  testPosix('skips a program that is called node and is not a suitable Node, such as Bun, and says so', () => {
    const folders = [facts({ bun: '1.4.5' }), facts({ version: '18.1.0' }), facts({ deno: '2.9.6' })].map((text) => path.dirname(script(text)));
    expect(onRuntime(folders.join(':'))).toEqual({ answer: noNode(/node cannot run it: it is Bun; .*it is Node 18\.1\.0.*; .*it is Deno/), starts: 1 });
    expect(onRuntime([...folders, nodeFolder()].join(':'))).toEqual({ answer: FINE, starts: 1 });
  });
});

describe('nodePath', () => {
  test('is refused where it is not absolute: a name could lead to the current folder', () => {
    expect(run({ processes: { nodePath: 'node' } }).answer).toMatchObject({ code: 'ERR_OPTIONS', message: expect.stringContaining('nodePath') as unknown });
  });

  test('that is not there is refused', () => {
    expect(run({ processes: { nodePath: path.join(temporaryFolder(), 'node') } })).toEqual({ answer: refusal('ENOENT'), starts: 1 });
  });

  testPosix('to another program is refused before a plugin is trusted to it', () => {
    expect(run({ processes: { nodePath: script('echo v24.0.0') } })).toEqual({ answer: refusal('does not answer as Node does'), starts: 1 });
  });

  testPosix('to the host itself is refused at once, and it starts once more, and no further', () => {
    const nodePath = script(`exec "${process.execPath}" "$HOST_FILE" "$@"`);
    expect(run({ processes: { nodePath } })).toEqual({ answer: refusal('cannot run it'), starts: 2 });
  });

  testPosix('to Node of another platform, or one that is too old, is refused', () => {
    const says = (changes: object): string => script(facts(changes));
    expect(run({ processes: { nodePath: says({ version: '18.20.1' }) } }).answer).toEqual(refusal('Node 18.20.1'));
    expect(run({ processes: { nodePath: says({ arch: 'mips' }) } }).answer).toEqual(refusal(`Node for ${process.platform} mips`));
  });
});

describe('a program that is not Node', () => {
  /** How often it was asked, after each of these. */
  async function timesAsked(lines: string, ...before: readonly ((program: string) => void)[]): Promise<number[]> {
    const asked = path.join(temporaryFolder(), 'asked');
    const program = script(`echo x >> "${asked}"\n${lines}`);
    const times: number[] = [];
    for (const change of before) {
      change(program);
      await expect(nodeProgram(program, process.env)).rejects.toMatchObject({ code: 'ERR_CHILD_PROCESS' });
      times.push(readFileSync(asked, 'utf8').length / 2);
    }
    return times;
  }
  const nothing = (): void => undefined;
  const changed = (program: string): void => appendFileSync(program, '# changed\n');

  testPosix('is asked again only when its file has changed: it may be this host', async () => {
    expect(await timesAsked('echo no', nothing, nothing, changed, nothing)).toEqual([1, 1, 2, 2]);
    expect(await timesAsked('exit 3', nothing, nothing, changed)).toEqual([1, 1, 2]);
  });

  testPosix('is asked again where it was killed: that may be the machine’s doing', async () => {
    expect(await timesAsked('kill -9 $$', nothing, nothing)).toEqual([1, 2]);
  });
});

function markedAsPackaged(): string {
  const preload = path.join(temporaryFolder(), 'mark.cjs');
  if (!existsSync(preload)) writeFileSync(preload, 'process.pkg = {};');
  return preload;
}

/** A preload script that makes Node look like another runtime. */
function marked(runtime: string): string {
  const preload = path.join(temporaryFolder(), 'mark.cjs');
  writeFileSync(preload, `process.versions.${runtime.toLowerCase()} = '1.0.0';`);
  return preload;
}

/** A hard link where there can be one: the file is large. */
function copyOf(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
