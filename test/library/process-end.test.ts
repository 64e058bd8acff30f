import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from '@jest/globals';
import { hostTarget } from '../../src/triage/index.js';
import { projectRoot, testWhere } from '../support/fixtures.js';
import { HANG_MS } from '../support/hang.js';

const urlOf = (file: string): string => pathToFileURL(path.join(projectRoot, file)).href;

/** Runs a program that prints `ready`, makes the call and ends with exit(7) of C. */
function exitAfter(call: string): { readonly status: number | null; readonly stdout: string } {
  const program = `
    import { writeSync } from 'node:fs';
    const end = await import('${urlOf('src/library/process-end.ts')}');
    const { libc } = await import('${urlOf('src/library/memory.ts')}');
    ${call};
    const exit = libc.func('exit', 'void', ['int']);
    writeSync(1, 'ready');
    exit(7);`;
  const args = ['--import', urlOf('node_modules/tsx/dist/esm/index.mjs'), '--input-type=module', '-e', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8', timeout: HANG_MS, env: { ...process.env, NODE_OPTIONS: '' } });
  if (stdout !== 'ready') throw new Error(stderr);
  return { status, stdout };
}

testWhere(process.platform === 'linux', 'only Linux ends processes in this way')('without on_exit, exit() ends the process with code 1', () => {
  expect(exitAfter('end.endAtExitWithCode1()').status).toBe(1);
});

testWhere(hostTarget().libc?.flavour === 'glibc', 'this process does not use glibc')('with on_exit, the exit code is kept', () => {
  expect(exitAfter('end.endAtExit({ mayLoseCode: true })').status).toBe(7);
});
