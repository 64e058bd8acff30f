/** Bun and Deno as hosts. Their plugins' children run on Node. */
import { describe, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { HANG_MS } from '../../support/hang.js';

const PROGRAM = fileURLToPath(new URL('any-runtime-host.cjs', import.meta.url));
const IS_CALLED = { echo: { text: 'hé' }, together: Array.from({ length: 50 }, (_, number) => number), chunks: 20, isLargeWhole: true, failure: 'ERR_INVOCATION_FAILED', ended: ['good-c'], failed: 0 };

/** The program that a variable names, or the first of this name in PATH. */
function programOf(variable: string, name: string): string | undefined {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return folders.map((folder) => path.join(folder, file)).find(canRun);
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const RUNTIMES = [
  { name: 'Node', program: process.execPath, args: [], variable: '' },
  { name: 'Bun', program: programOf('AISOPOD_TEST_BUN', 'bun'), args: [], variable: 'AISOPOD_TEST_BUN' },
  { name: 'Deno', program: programOf('AISOPOD_TEST_DENO', 'deno'), args: ['run', '-A'], variable: 'AISOPOD_TEST_DENO' },
] as const;

describe.each(RUNTIMES)('a host on $name', ({ program, args, variable }) => {
  const testFound = testWhere(program !== undefined, `not found in PATH; ${variable} may name it`);

  function run(isolation: string, env: NodeJS.ProcessEnv = {}): unknown {
    const given = [path.join(projectRoot, 'dist/index.js'), folderOf('good-c'), folderOf('crasher'), temporaryFolder(), isolation];
    const options = { encoding: 'utf8', timeout: HANG_MS, killSignal: 'SIGKILL', env: { ...process.env, NODE_OPTIONS: '', ...env } } as const;
    const { status, signal, stdout, stderr } = spawnSync(program ?? '', [...args, PROGRAM, ...given], options);
    if (status !== 0) throw new Error(`it ended with ${status ?? signal}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  testFound('calls plugins in its own process, and ends by itself', () => {
    expect(run('in-process')).toEqual(IS_CALLED);
  });

  testFound('calls plugins in children, which crash, hang, and are restarted; it leaks no descriptor, and ends by itself', () => {
    const survived = { survived: true };
    const end = process.platform === 'win32' ? { signal: null, exitCode: 0xc000_0005 } : { signal: expect.stringMatching(/^SIG(SEGV|BUS)$/) as unknown, exitCode: null };
    const segv = { code: 'ERR_PLUGIN_CRASHED', ...end };
    expect(run('process', { AISOPOD_PLUGIN_NODE: process.execPath })).toMatchObject({
      ...IS_CALLED,
      faults: { none: survived, segv, exit: { code: 'ERR_PLUGIN_CRASHED' }, spin: { code: 'ERR_INVOCATION_TIMEOUT' } },
      after: survived,
      hasLeaked: false,
    });
  });
});
