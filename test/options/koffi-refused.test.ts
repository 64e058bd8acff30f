/** koffi that the system refuses to load: an error with a hint, thrown when the package is loaded. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

/** A project with this package, and a koffi that throws this when it is loaded. */
function loadWith(thrown: { readonly code: string; readonly message: string }): Readonly<Record<string, unknown>> {
  const folder = temporaryFolder();
  const installed = (name: string): string => path.join(folder, 'node_modules', name);
  mkdirSync(installed('aisopod-plugin'), { recursive: true });
  for (const part of ['dist', 'package.json']) cpSync(path.join(projectRoot, part), path.join(installed('aisopod-plugin'), part), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { dependencies: object };
  for (const name of Object.keys(dependencies).filter((name) => name !== 'koffi')) {
    mkdirSync(path.dirname(installed(name)), { recursive: true });
    symlinkSync(path.join(projectRoot, 'node_modules', name), installed(name), 'junction');
  }
  mkdirSync(installed('koffi'));
  writeFileSync(path.join(installed('koffi'), 'index.js'), `throw Object.assign(new Error(${JSON.stringify(thrown.message)}), { code: ${JSON.stringify(thrown.code)} });`);
  const program = `Object.prototype.added = 1;
    let seen;
    try { require('aisopod-plugin'); } catch ({ code, message, hint }) { seen = { code, message, hint }; }
    console.log(JSON.stringify({ ...seen, isRestored: 'added' in {} }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

const TEAMS = 'dlopen(/app/koffi.node, 0x0001): code signature not valid for use in process: mapping process and mapped file (non-platform) have different Team IDs';

test('in a hardened host on macOS, the hint is about its signature', () => {
  expect(loadWith({ code: 'ERR_DLOPEN_FAILED', message: TEAMS })).toEqual({
    code: 'ERR_NO_ADDONS',
    message: expect.stringContaining(TEAMS) as unknown,
    hint: expect.stringContaining('Sign koffi.node with the Team ID of this program') as unknown,
    isRestored: true,
  });
});

test('any other error of koffi is its own', () => {
  const message = 'Cannot find the native Koffi module; did you bundle it correctly?';
  expect(loadWith({ code: 'OTHER', message })).toMatchObject({ code: 'OTHER', message });
});
