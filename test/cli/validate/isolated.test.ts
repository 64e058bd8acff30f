/** What becomes of the process of a check. */
import { describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fixtureDir, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { cli, cliJson } from '../cli.js';

/** A check that loads the plugin, starts it, calls it, and shuts it down. */
const WHOLE_LIFE = 'process-unchanged';

interface Found {
  readonly severity: string;
  readonly message: string;
  readonly details?: string;
}

/** The findings of one check of the plugin that has a fault in a step of its life. */
async function findingsWith(fault: string, ...args: string[]): Promise<readonly Found[]> {
  const { code, json } = await cliJson(['validate', fixtureDir('crasher'), '--only', WHOLE_LIFE, ...args], { env: { AISOPOD_FIXTURE_FAULT: fault } });
  expect(code).toBe(1);
  const { checks } = json as { checks: { id: string; findings: Found[] }[] };
  expect(checks.map(({ id }) => id)).toEqual([WHOLE_LIFE]);
  return checks.flatMap(({ findings }) => findings);
}

const isPosix = process.platform !== 'win32';

describe('a check whose process', () => {
  testWhere(isPosix, 'signals')('crashes: the signal, and what the plugin was doing', async () => {
    expect(await findingsWith('init:segv')).toEqual([expect.objectContaining({ severity: 'error', message: 'The plugin process crashed (SIGSEGV), during: init.' })]);
    expect(await findingsWith('constructor:segv')).toEqual([expect.objectContaining({ message: expect.stringContaining('during: opening the library, which runs its constructors.') })]);
  });

  test('ends: the exit code, and what the plugin was doing', async () => {
    expect(await findingsWith('init:_exit')).toEqual([expect.objectContaining({ severity: 'error', message: expect.stringMatching(/^The plugin ended its process with exit code 3, during: init\.$/) })]);
  });

  test('hangs: it is ended when its time is over', async () => {
    expect(await findingsWith('constructor:spin', '--timeout', '5000')).toEqual([
      expect.objectContaining({ severity: 'error', message: 'The plugin did not return within 5000 ms, during: opening the library, which runs its constructors.' }),
    ]);
  });

  testWhere(process.platform === 'linux', 'the memory of another process')('takes memory without end: it is ended at its limit', async () => {
    expect(await findingsWith('init:memory', '--memory', '600')).toEqual([
      expect.objectContaining({ severity: 'error', message: 'The plugin process took more than 600 MiB of memory, during: init.' }),
    ]);
  });

  const hasGdb = process.platform === 'linux' && spawnSync('gdb', ['--version']).status === 0;
  testWhere(hasGdb, 'gdb')('crashes, where gdb is: the stack at the crash', async () => {
    const [found] = await findingsWith('init:segv');
    expect(found?.details).toMatch(/^stack:\n#0 .*(?:libcrasher|crasher\/faults\.cpp)/m);
    expect(found?.details).not.toMatch(/koffi|node::|v8::/);
  });
});

testWhere(isPosix, 'fork')('forks, or prints for ever: the check ends, and so does what it has started', async () => {
  for (const fault of ['init:fork', 'init:flood']) {
    const { code } = await cli(['validate', fixtureDir('crasher'), '--only', WHOLE_LIFE], { env: { AISOPOD_FIXTURE_FAULT: fault } });
    expect([0, 1]).toContain(code);
  }
});

test('the folders of checks are removed, those of checks that crash too', async () => {
  const temporary = temporaryFolder();
  const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  await cli(['validate', fixtureDir('good-c'), '--only', WHOLE_LIFE], { env });
  await cli(['validate', fixtureDir('crasher'), '--only', WHOLE_LIFE], { env: { ...env, AISOPOD_FIXTURE_FAULT: 'init:segv' } });
  expect(readdirSync(temporary).filter((name) => name.startsWith('aisopod-validate-'))).toEqual([]);
});

testWhere(isPosix, 'signals')('Ctrl-C ends the running checks, and the command', async () => {
  const temporary = temporaryFolder();
  const isRunning = (): boolean => readdirSync(temporary).some((name) => existsSync(path.join(temporary, name, 'run/events')));
  const main = path.join(projectRoot, 'dist/cli/main.js');
  const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary, AISOPOD_FIXTURE_FAULT: 'constructor:sleep' };
  const child = spawn(process.execPath, [main, 'validate', fixtureDir('crasher'), '--only', WHOLE_LIFE, '--timeout', '600000'], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!isRunning() && child.exitCode === null) await setTimeout(20);
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('the same seed gives the same result, in one process at a time or several', async () => {
  const results = async (jobs: string): Promise<unknown> => {
    const { json } = await cliJson(['validate', fixtureDir('good-cpp'), '--only', WHOLE_LIFE, '--only', 'input-without-nul', '--only', 'lent-4096-bytes', '--seed', '7', '--jobs', jobs]);
    const { checks, seed } = json as { checks: { id: string; findings: Found[] }[]; seed: number };
    return { seed, checks: checks.map(({ id, findings }) => ({ id, findings })) };
  };
  const first = await results('1');
  expect(first).toMatchObject({ seed: 7 });
  expect(await results('3')).toEqual(first);
});
