/** A host with enumerable members on Object.prototype, added before or after it loads this package. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { withoutAddedMembers } from '../../src/options/added-members.js';
import { folderOf, projectRoot, temporaryFolder } from '../support/fixtures.js';

/** `version`, `plugin` and `config` are keys of manifests, `schema` one of its [config], `code` one of a child's messages. */
const ADD = `Object.assign(Object.prototype, { extend() {}, version: 'x', plugin: {}, config: 'x', schema: 'none', code: 1 });`;

/** It takes the package, the plugins' folder, a folder of its own and \`isolation\`. */
const HOST = `
const [, lib, plugins, own, isolation] = process.argv;
const path = require('node:path');
(async () => {
  const trust = { locked: 'warn' };
  const host = await PluginHost.open({
    pluginDirs: [plugins], hostVersion: '1.0.0', stateDir: path.join(own, 'state'), dataDir: path.join(own, 'data'), isolation, trust,
  });
  const [{ state, code, message }] = host.report();
  console.log(JSON.stringify({ state, code: state === 'active' ? null : code, message: state === 'active' ? null : message,
    answer: await host.find('tool', 'echo')?.call({ a: 1 }), kept: Object.keys(Object.getPrototypeOf({})).length }));
  await host.close();
})();`;

function run(program: string, isolation: string) {
  const args = [path.join(projectRoot, 'dist/index.js'), folderOf('good-c'), temporaryFolder(), isolation];
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, ...args], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  return { stdout: stdout.trim(), stderr };
}

const LOAD = 'const { PluginHost } = require(process.argv[1]);';
const FINE = JSON.stringify({ state: 'active', code: null, message: null, answer: { a: 1 }, kept: 6 });

describe.each(['process', 'in-process'])('%s', (isolation) => {
  test('members that were added before the package is loaded', () => {
    expect(run(ADD + LOAD + HOST, isolation)).toEqual({ stdout: FINE, stderr: '' });
  });

  test('members that were added afterwards', () => {
    expect(run(LOAD + ADD + HOST, isolation)).toEqual({ stdout: FINE, stderr: '' });
  });
});

test('they are away while something is read, and back afterwards, also where it throws', () => {
  Object.defineProperty(Object.prototype, 'added', { value: 1, enumerable: true, configurable: true, writable: false });
  try {
    expect(withoutAddedMembers(() => 'added' in {})).toBe(false);
    expect(() => withoutAddedMembers(() => { throw new Error('no'); })).toThrow('no');
    expect(Object.getOwnPropertyDescriptor(Object.prototype, 'added')).toEqual({ value: 1, enumerable: true, configurable: true, writable: false });
  } finally {
    Reflect.deleteProperty(Object.prototype, 'added');
  }
});
