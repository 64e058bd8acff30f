/** `aisopod-plugin dev`: a project is changed while it runs. */
import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyFixture, libraryFileName, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { until } from '../../support/host.js';
import { putBuild, installBuild } from '../../support/releases.js';
import { withCmake } from '../../native/cmake.js';
import { cli } from '../cli.js';
import { develop, edit, wordStats } from './develop.js';

const isInstalled = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

withCmake('a change is built, and the new build answers; a bad change is shown with its line, and the old build goes on', async () => {
  const folder = wordStats();
  const [source, manifest] = ['count.c', 'aisopod.plugin.toml'].map((name) => path.join(folder, name)) as [string, string];
  const dev = develop(folder, 'word_stats', '{"text":"a bb ccc"}');
  expect(await dev.line(/^answer:/)).toMatch(/"words":3,.*after the start: .* build/);
  expect(await dev.line(/^load:/)).toMatch(/word-stats 1\.0\.0: active, generation 1, process \d+; tools: word_stats$/);

  edit(source, 'count->words++;', 'count->words += 100;');
  expect(await dev.line(/^answer:/, 2)).toMatch(/"words":300,.*after the change: .* build/);
  expect(await dev.line(/^load:/, 2)).toContain('generation 2');
  expect(dev.output()).toContain('change: count.c\n');

  edit(source, 'count->words += 100;', 'count->words += no_such_name;');
  expect(await dev.line(/^error:/)).toMatch(/count\.c[:(]\d+.*no_such_name/);
  expect(await dev.line(/still running: word-stats 1\.0\.0, generation 2/)).toBeDefined();

  edit(source, 'count->words += no_such_name;', 'count->words += 7;');
  expect(await dev.line(/^answer:/, 3)).toContain('"words":21,');

  edit(manifest, 'entry_point = "word-stats"', 'entry_point = word-stats');
  expect(await dev.line(/^error:.*line 7/)).toContain('not valid TOML');
  edit(manifest, 'entry_point = word-stats', 'entry_point = "word-stats"');
  edit(manifest, 'version = "1.0.0"', 'version = "1.1.0"');
  expect(await dev.line(/^load: word-stats 1\.1\.0/)).toContain('active');

  edit(path.join(folder, 'CMakeLists.txt'), 'count.c', 'no-such-file.c');
  expect(await dev.line(/^error: CMakeLists\.txt:4/)).toBeDefined();
  expect(await dev.stop()).toMatchObject({ code: 0, stderr: '' });
});

withCmake('a change during a build ends that build, and the next one begins', async () => {
  const folder = temporaryFolder();
  const [log, go] = [path.join(temporaryFolder(), 'log'), path.join(temporaryFolder(), 'go')];
  writeFileSync(log, '');
  const wait = `require('fs').appendFileSync(${JSON.stringify(log)}, 'began\\n'); setInterval(() => { if (require('fs').existsSync(${JSON.stringify(go)})) { require('fs').appendFileSync(${JSON.stringify(log)}, 'ended\\n'); process.exit(); } }, 10);`;
  writeFileSync(path.join(folder, 'wait.cjs'), wait);
  const node = process.execPath.replaceAll('\\', '/');
  writeFileSync(path.join(folder, 'CMakeLists.txt'), `cmake_minimum_required(VERSION 3.16...4.0)\nproject(wait LANGUAGES NONE)\nadd_custom_target(wait ALL COMMAND "${node}" "\${CMAKE_SOURCE_DIR}/wait.cjs")\n`);
  const dev = develop(folder);
  const count = (word: string): number => readFileSync(log, 'utf8').split('\n').filter((line) => line === word).length;
  for (const change of [1, 2, 3]) {
    await until(() => count('began') === change);
    writeFileSync(path.join(folder, 'source.c'), `/* ${change} */\n`);
  }
  await until(() => count('began') === 4);
  writeFileSync(go, '');
  await dev.line(/^build: CMake/);
  expect(await dev.line(/^error:/)).toContain('has no aisopod.plugin.toml');
  expect([count('began'), count('ended'), dev.output().match(/^build:/gm)?.length]).toEqual([4, 1, 1]);
});

test('a plugin that something else builds is only loaded', async () => {
  const dir = temporaryFolder();
  const folder = installBuild(dir, 'updated-1');
  const dev = develop(folder, 'version');
  expect(await dev.line(/^answer:/)).toContain('{"version":1}');
  putBuild(folder, 'updated-2');
  await dev.line(/^answer: .*\{"version":2\}/);
  expect(dev.output()).not.toContain('build:');
});

withCmake('a plugin whose id changes is loaded as another one', async () => {
  const folder = wordStats();
  const dev = develop(folder);
  await dev.line(/^load: word-stats/);
  edit(path.join(folder, 'plugin.c'), '"word-stats"', '"other-stats"');
  edit(path.join(folder, 'aisopod.plugin.toml'), 'id = "word-stats"', 'id = "other-stats"');
  expect(await dev.line(/^load: other-stats/)).toContain('generation 1');
});

const testWithCargo = testWhere(isInstalled('cargo', '--version'), 'no cargo');
testWithCargo('a project in Rust, as `new` makes it', async () => {
  const folder = path.join(temporaryFolder(), 'greeter');
  expect(await cli(['new', 'greeter', '--lang', 'rust', '--dir', folder])).toMatchObject({ code: 0 });
  const source = path.join(folder, 'src', 'lib.rs');
  const dev = develop(folder);
  await dev.line(/^load: greeter .*active/);
  writeFileSync(source, `${readFileSync(source, 'utf8')}\nconst BROKEN: u32 = "text";\n`);
  expect(await dev.line(/^error:/)).toMatch(/src[\\/]lib\.rs:\d+:\d+: mismatched types$/);
  await dev.line(/still running: greeter/);
});

describe('what cannot be developed', () => {
  const empty = temporaryFolder();
  test.each([
    ['build.zig', 'Zig'],
    ['go.mod', 'Go'],
    ['Cargo.toml', 'Rust'],
    ['CMakeLists.txt', 'CMake'],
  ])('with %s and without its tool: the tool is named, with how to get it', async (file, name) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, file), '');
    const { code, stderr } = await cli(['dev', folder], { env: { PATH: empty, Path: empty } });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^${file} needs ${name} .*, which is not installed; to get it: \\S`));
  });

  test('nothing to build and no plugin', async () => {
    const { code, stderr } = await cli(['dev', temporaryFolder()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/has nothing to build \(CMakeLists\.txt, Cargo\.toml, build\.zig, go\.mod\) and no aisopod\.plugin\.toml/);
  });

  test('several plugins, until one is chosen', async () => {
    const folder = temporaryFolder();
    for (const name of ['good-c', 'good-cpp']) copyFixture(name, folder);
    renameSync(path.join(folder, 'good-c'), path.join(folder, 'first'));
    cpSync(path.join(folder, 'first', 'aisopod.plugin.toml'), path.join(folder, 'aisopod.plugin.toml'));
    const dev = develop(folder);
    expect(await dev.line(/^error:/)).toContain('has several plugins (good-c, good-cpp): choose one with --id');
    await dev.stop();
    await develop(folder, '--id', 'good-cpp').line(/^load: good-cpp/);
  });

  test('a tool that the plugin does not have', async () => {
    const dev = develop(copyFixture('good-c', temporaryFolder()), 'nothing');
    expect(await dev.line(/^error:/)).toContain('the plugin has no tool nothing (it has: ');
  });

  test('a plugin that does not load', async () => {
    const folder = copyFixture('good-c', temporaryFolder());
    const library = path.join(folder, libraryFileName('good-c'));
    const good = readFileSync(library);
    writeFileSync(library, good.subarray(0, 100));
    const dev = develop(folder);
    expect(await dev.line(/^error:/)).toContain('good-c');
    writeFileSync(library, good);
    await dev.line(/^load: good-c .*active/);
  });
});

const hasPty = process.platform === 'linux' && isInstalled('script', '--version');
testWhere(hasPty, 'no program that gives it a terminal')('on a terminal: a screen; c calls again, b builds again, q ends', async () => {
  const [folder, temporary] = [copyFixture('good-c', temporaryFolder()), temporaryFolder()];
  mkdirSync(path.join(temporary, 'data'));
  const quoted = [process.execPath, path.join(projectRoot, 'dist/cli/main.js'), 'dev', folder, 'echo', '{"text":"hello"}', '--data-dir', path.join(temporary, 'data')].map((word) => `'${word}'`);
  const command = `stty rows 30 cols 100; exec ${quoted.join(' ')}`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env: { ...process.env, NODE_OPTIONS: '', CI: '', TERM: 'xterm', TMPDIR: temporary }, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const end = new Promise<number | null>((resolve) => child.on('close', resolve));
  const shows = async (text: RegExp): Promise<void> => {
    await until(() => text.test(output));
    output = '';
  };
  await until(() => output.includes('\x1b[?1049h'));
  await shows(/good-c \S+ {3}active {3}generation 1[^]*answer[^]*hello[^]*waiting for a change[^]*c: call again/);
  child.stdin.write('c');
  await shows(/time +\S* *\d+\.\d ms/);
  child.stdin.write('b');
  await shows(/after the change/);
  child.stdin.write('q');
  expect(await end).toBe(0);
  expect(output).toContain('\x1b[?1049l');
});
