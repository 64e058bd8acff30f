/** What people see: colours, hostile names, help, exit codes, Ctrl-C. And that looking runs nothing. */
import { describe, expect, test } from '@jest/globals';
import { appendFileSync, chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crashWords } from '../support/crash.js';
import { copyFixture, fixturesRoot, folderOf, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { cli } from './cli.js';

const isWindows = process.platform === 'win32';
const testPosix = testWhere(!isWindows, 'no such names, modes or signals on Windows');
const ESCAPE = '\x1b';

describe('inspect, list, explain, lock, verify and doctor run nothing of a plugin', () => {
  const folder = folderOf('constructor-marker');
  const plugin = path.join(folder, 'constructor-marker');
  const marker = path.join(temporaryFolder(), 'ran');
  const env = { AISOPOD_FIXTURE_MARKER: marker };

  test.each([
    ['list', ['--dir', folder]],
    ['inspect', [plugin]],
    ['explain', ['constructor-marker', '--dir', folder]],
    ['explain', [plugin]],
    ['lock', [plugin]],
    ['verify', [plugin]],
    ['doctor', ['--dir', folder]],
  ])('%s', async (command, args) => {
    expect((await cli([command, ...args], { env })).code).toBe(0);
    expect(existsSync(marker)).toBe(false);
  });

  test('call does: the marker works', async () => {
    // In the sandbox it could not write there.
    expect((await cli(['call', plugin, 'none', '--sandbox', 'off', '--env', 'AISOPOD_FIXTURE_MARKER'], { env })).code).toBe(1);
    expect(readFileSync(marker, 'utf8')).toBe('constructor\n');
  });
});

describe('colours', () => {
  const args = ['list', '--dir', path.join(fixturesRoot)];
  test.each([
    ['a pipe has none', { FORCE_COLOR: undefined, NO_COLOR: undefined }, false],
    ['FORCE_COLOR turns them on', { FORCE_COLOR: '1' }, true],
    ['NO_COLOR turns them off, whatever else is said', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%s', async (_what, env, coloured) => {
    const { stdout } = await cli(args, { env });
    expect(stdout.includes(ESCAPE)).toBe(coloured);
  });

  test('JSON has none', async () => {
    expect((await cli([...args, '--json'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(ESCAPE);
  });
});

describe("a stranger's words", () => {
  /** What must not reach a terminal. */
  const RAW = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

  test('a manifest with escapes in its keys and values', async () => {
    const folder = temporaryFolder();
    const plugin = copyFixture('good-c', folder);
    const manifest = path.join(plugin, 'aisopod.plugin.toml');
    writeFileSync(manifest, '"\\u001b[2J\\u009b31m\\u202e" = "\\u001b]0;title\\u0007"\n', { flag: 'a' });
    for (const args of [['list', '--dir', folder], ['explain', 'good-c', '--dir', folder], ['inspect', plugin], ['call', plugin, 'echo'], ['lock', plugin]]) {
      for (const json of [[], ['--json']]) {
        const { stdout, stderr } = await cli([...args, ...json]);
        expect(stdout + stderr).toContain('good-c');
        expect(stdout + stderr).not.toMatch(RAW);
      }
    }
  });

  testPosix('a folder name with a newline and an escape', async () => {
    const folder = temporaryFolder();
    const plugin = copyFixture('good-c', folder);
    const hostile = path.join(folder, `a\nfake-line ${ESCAPE}[31mred`);
    renameSync(plugin, hostile);
    for (const args of [['list', '--dir', folder], ['explain', 'good-c', '--dir', folder], ['inspect', hostile], ['lock', '--dir', folder], ['verify', hostile]]) {
      const { stdout, stderr } = await cli(args);
      expect(stdout + stderr).not.toMatch(RAW);
      expect(stdout).not.toMatch(/^fake-line/m);
      expect(JSON.stringify(JSON.parse((await cli([...args, '--json'])).stdout))).toContain('fake-line');
    }
  });

  test('what a tool answers', async () => {
    const text = `${ESCAPE}[2J\u009b31m\u202e`;
    const { stdout } = await cli(['call', path.join(fixturesRoot, 'good-c'), 'echo', JSON.stringify({ text })]);
    expect(stdout).not.toMatch(RAW);
    expect(JSON.parse(stdout)).toEqual({ text });
  });
});

describe('help', () => {
  const page = readFileSync(path.join(projectRoot, 'docs/cli.md'), 'utf8');
  const commands = [...page.matchAll(/^\| `([a-z][a-z-]*)(?: [^`]*)?` \|/gm)].map((match) => match[1] ?? '');
  const withJson = [...page.matchAll(/^### `([a-z-]+)`/gm)].map((match) => match[1] ?? '');

  test('of all commands, which are those of docs/cli.md', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+)(?: \S.*?)? {2,}\S/gm)].map((match) => match[1]);
    expect(new Set(listed)).toEqual(new Set(commands));
  });

  test.each(commands)('of %s: options, and examples that it takes', async (command) => {
    const { code, stdout } = await cli([command, '--help']);
    expect(code).toBe(0);
    expect(stdout.includes('--json')).toBe(withJson.includes(command));
    const [, examples = ''] = stdout.split('\nexamples\n');
    expect(examples).toContain(`aisopod-plugin ${command}`);
    for (const [option] of stdout.matchAll(/^ {2}(--[a-z-]+)/gm)) expect(page).toContain(option.trim());
  });
});

describe('what the commands say', () => {
  test('explain ends with a verdict, and shows what was not checked without an expectation', async () => {
    const { stdout } = await cli(['explain', path.join(fixturesRoot, 'good-c')]);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}all checks passed/);
    expect(stdout).toMatch(/• manifest +host version\n +not checked\n/);
    expect(stdout).toMatch(/• trust +lock\n +not checked: not enabled\n/);
    const refused = await cli(['explain', path.join(fixturesRoot, 'wrong-architecture')]);
    expect(refused.stdout).not.toContain('all checks passed');
    expect(refused.stdout.trimEnd().split('\n').at(-1)).toBe('  refused at triage: ERR_WRONG_ARCHITECTURE; it would not be loaded');
  });

  test('--version: that of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    for (const option of ['--version', '-v']) expect(await cli([option])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test.each([
    ['a command', ['inspct', 'x'], 'unknown command inspct; did you mean inspect?'],
    ['a command that is like none', ['frobnicate'], 'unknown command frobnicate'],
    ['an option', ['list', '--jsno'], 'list has no option --jsno; did you mean --json?'],
    ['an option of another command', ['list', '--timeout', '1'], 'list has no option --timeout'],
    ['a short option', ['list', '-x'], 'list has no option -x'],
    ['no value', ['list', '--dir'], '--dir needs a value'],
    ['an empty value', ['list', '--dir='], '--dir needs a value'],
    ['an option in place of the value', ['list', '--dir', '--json'], '--dir needs a value; if it is --json, write --dir=--json'],
    ['a value that is not wanted', ['list', '--json=yes'], '--json takes no value'],
  ])('what is wrong with %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(message);
  });

  test('a folder of --dir that does not exist is told, and the others are read', async () => {
    for (const command of ['list', 'lock', 'verify', 'doctor']) {
      const { code, stderr } = await cli([command, '--dir', '/no/such/folder']);
      expect([command, code, stderr]).toEqual([command, 0, '--dir /no/such/folder: there is no such folder\n']);
    }
  });

  test('each problem of a manifest is on a line of its own', async () => {
    const folder = folderOf('good-c');
    const plugin = path.join(folder, 'good-c');
    writeFileSync(path.join(plugin, 'aisopod.plugin.toml'), '\n[one]\n[two]\n', { flag: 'a' });
    for (const args of [['list', '--dir', folder], ['explain', plugin], ['inspect', plugin], ['call', plugin, 'echo']]) {
      const { stdout, stderr } = await cli(args);
      const lines = (stdout + stderr).split('\n');
      for (const section of ['one', 'two']) expect(lines.filter((line) => line.includes(`${section}: unknown key`))).toHaveLength(1);
      expect(lines.some((line) => line.includes('one:') && line.includes('two:'))).toBe(false);
    }
  });

  test('inspect: a plugin by its id', async () => {
    const { code, stdout } = await cli(['inspect', 'good-c', '--dir', folderOf('good-c')]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('(good-c)')]);
    expect(await cli(['inspect', 'nobody', '--dir', temporaryFolder()])).toMatchObject({ code: 1, stderr: expect.stringContaining('no plugin with this id') });
  });

  test('inspect: what a plugin asks for', async () => {
    const plugin = copyFixture('good-c', temporaryFolder());
    expect((await cli(['inspect', plugin])).stdout).toMatch(/^permissions none$/m);
    appendFileSync(path.join(plugin, 'aisopod.plugin.toml'), '\n[permissions]\nread = ["~/Notes", "/srv"]\nlisten = [80]\n[permissions.optional]\nenv = ["HTTPS_PROXY"]\n');
    const { stdout } = await cli(['inspect', plugin]);
    expect(stdout.split('\n').filter((line) => line.startsWith('permissions'))).toEqual(['permissions read ~/Notes, /srv', 'permissions listen 80', 'permissions env HTTPS_PROXY (optional)']);
  });

  test.each(['list', 'lock', 'verify'])('%s without any plugin says where it looked', async (command) => {
    const folder = temporaryFolder();
    expect(await cli([command, '--dir', folder])).toMatchObject({ code: 0, stdout: `no plugins found in ${folder}\n` });
  });

  test('a plugin folder given in place of the folder around it is named', async () => {
    const plugin = copyFixture('good-c', temporaryFolder());
    const { code, stdout } = await cli(['list'], { env: { AISOPOD_PLUGIN_PATHS: plugin } });
    expect([code, stdout.split('\n').slice(1)]).toEqual([0, [`${plugin} is a plugin folder: name the folder that contains it`, '']]);
  });

  test('list: a reason stays in its column, however long the id is', async () => {
    const { stdout } = await cli(['list', '--dir', folderOf('wrong-architecture')]);
    const [, reason = ''] = stdout.split('\n\n');
    const [name, ...lines] = reason.trimEnd().split('\n');
    expect(name).toBe('wrong-architecture');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^ {12}\S/);
  });

  test('call: the tools that a plugin has, in order', async () => {
    const { stderr } = await cli(['call', path.join(fixturesRoot, 'good-c'), 'none']);
    const names = /\(it has: (.*)\)/.exec(stderr)?.[1]?.split(', ') ?? [];
    expect(names.length).toBeGreaterThan(3);
    expect(names).toEqual([...names].sort());
  });
});

describe('exit codes', () => {
  test.each([
    ['no command', [], 2],
    ['an unknown command', ['frobnicate'], 2],
    ['an unknown option', ['list', '--frobnicate'], 2],
    ['an operand too many', ['list', 'x'], 2],
    ['an operand too few', ['inspect'], 2],
    ['parameters that are no JSON', ['call', './x', 'tool', '{'], 2],
    ['a timeout that is no number', ['call', './x', 'tool', '{}', '--timeout', 'soon'], 2],
    ['an unknown plugin', ['explain', 'nobody'], 1],
    ['an unknown plugin to call', ['call', 'nobody', 'tool'], 1],
    ['an unknown tool', ['call', path.join(fixturesRoot, 'good-c'), 'none'], 1],
    ['a host version that is none', ['list', '--host-version', 'one'], 1],
    ['help', ['help'], 0],
  ])('%s', async (_what, args, code) => {
    const end = await cli(args);
    expect(end.code).toBe(code);
    if (code !== 0 && args.length > 0) {
      expect(end.stdout).toBe('');
      expect(end.stderr.trim()).not.toBe('');
    }
    expect(end.stderr).not.toMatch(/^\s+at /m);
  });

  testPosix('doctor: a plugin folder that others may write is a problem', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    const { code, stdout } = await cli(['doctor', '--dir', folder]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('chmod o-w')]);
  });
});

describe('call', () => {
  const good = path.join(fixturesRoot, 'good-c');
  const ENDLESS = ['call', good, 'stream', '{"count":1000000000}'];

  testPosix('prints chunks as they come; Ctrl-C cancels, shuts down and ends with 130', async () => {
    let interrupted = false;
    const end = await cli(ENDLESS, {
      onOutput(child, stdout) {
        if (interrupted || !stdout.includes('{"i":3,')) return;
        interrupted = true;
        child.kill('SIGINT');
      },
    });
    expect({ code: end.code, signal: end.signal, stderr: end.stderr }).toEqual({ code: 130, signal: null, stderr: 'interrupted\n' });
    expect(end.stdout.split('\n').slice(0, 2)).toEqual(['{"i":0,"pad":""}', '{"i":1,"pad":""}']);
  });

  testPosix('a second Ctrl-C ends it at once, whatever the plugin does', async () => {
    const block = ['call', good, 'block', '{"ms":60000}', '--verbose'];
    let signals = 0;
    const end = await cli(block, {
      onOutput(child) {
        if (signals++ > 0) return;
        const again = setInterval(() => child.kill('SIGINT'), 200);
        child.on('close', () => clearInterval(again));
      },
    });
    expect(end.signal).toBe('SIGINT');
  });

  testPosix('a reader that goes away ends it quietly', async () => {
    const end = await cli(ENDLESS, { onOutput: (child) => void child.stdout?.destroy() });
    expect({ code: end.code, signal: end.signal, stderr: end.stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  test('a plugin that crashes ends as an error that says how, not as the command', async () => {
    const crasher = path.join(fixturesRoot, 'crasher');
    const { code, signal, stderr } = await cli(['call', crasher, 'worker', '{"fault":"segv"}']);
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain("plugin crasher: tool worker: the plugin's process ");
    expect(stderr).toMatch(crashWords('SIGSEGV'));
  });

  testPosix('with --in-process it shares the fate of its plugin', async () => {
    const crasher = path.join(fixturesRoot, 'crasher');
    expect((await cli(['call', crasher, 'worker', '{"fault":"none"}', '--in-process'])).stdout).toContain('"survived": true');
    expect((await cli(['call', crasher, 'worker', '{"fault":"segv"}', '--in-process'])).signal).toBe('SIGSEGV');
  });

  test('--verbose prints what the plugin logs, on the error stream', async () => {
    const { stdout, stderr } = await cli(['call', good, 'echo', '{}', '--verbose']);
    expect([stdout, stderr]).toEqual(['{}\n', expect.stringContaining('info: good-c is ready')]);
    expect((await cli(['call', good, 'echo', '{}'])).stderr).toBe('');
  });
});
