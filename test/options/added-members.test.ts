/** A host with enumerable members on Object.prototype, added before or after it loads this package. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { withoutAddedMembers } from '../../src/options/added-members.js';
import { folderOf, projectRoot, temporaryFolder } from '../support/fixtures.js';

/** Names of options and of parts of results. */
const OF_OURS = { problem: 'x', title: 1, result: 'x', error: 1, release: 1, system: 1, member: 'x', type: 'x', timeoutMs: -1, context: 1, onChunk: 1 };

/** `version`, `plugin` and `config` are keys of manifests, `schema` one of its [config], `code` one of a child's messages. */
const ADD = `Object.assign(Object.prototype, { extend() {}, version: 'x', plugin: {}, config: 'x', schema: 'none', code: 1, ${JSON.stringify(OF_OURS).slice(1, -1)} });`;

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
  const seen = { state, code: state === 'active' ? null : code, message: state === 'active' ? null : message,
    answer: await host.find('tool', 'echo')?.call({ a: 1 }, {}), kept: Object.keys(Object.getPrototypeOf({})).length };
  console.log(JSON.stringify({ ...seen, ended: await host.close() }));
})();`;

function run(program: string, isolation: string, index = 'dist/index.js') {
  const args = [path.join(projectRoot, index), folderOf('good-c'), temporaryFolder(), isolation];
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, ...args], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  return { stdout: stdout.trim(), stderr };
}

const LOAD = 'const { PluginHost } = require(process.argv[1]);';
const FINE = JSON.stringify({ state: 'active', code: null, message: null, answer: { a: 1 }, kept: 17, ended: { ended: ['good-c'], failed: [] } });

describe.each(['process', 'in-process'])('%s', (isolation) => {
  test('members that were added before the package is loaded', () => {
    expect(run(ADD + LOAD + HOST, isolation)).toEqual({ stdout: FINE, stderr: '' });
  });

  test('members that were added afterwards', () => {
    expect(run(LOAD + ADD + HOST, isolation)).toEqual({ stdout: FINE, stderr: '' });
  });
});

/** As a library leaves it that adds members and freezes. */
const FREEZE = `Object.defineProperty(Object.prototype, 'extend', { value: 1, enumerable: true }); Object.prototype.graceMs = -1; Object.preventExtensions(Object.prototype);`;

describe.each(['process', 'in-process'])('members that cannot be removed, %s', (isolation) => {
  const fine = JSON.stringify({ state: 'active', code: null, message: null, answer: { a: 1 }, kept: 2, ended: { ended: ['good-c'], failed: [] } });

  test('added after the package is loaded', () => {
    expect(run(LOAD + FREEZE + HOST, isolation)).toEqual({ stdout: fine, stderr: '' });
  });

  test('added after the host is opened', () => {
    const added = HOST.replace('const seen =', `${FREEZE} const seen =`);
    expect(run(LOAD + added, isolation)).toEqual({ stdout: fine, stderr: '' });
  });
});

/** Members that can be hidden but not deleted, since they could not be added again. Some are named like keywords of JSON Schema. */
const SEALED = `Object.assign(Object.prototype, { enum: ['none'], const: 1, items: {}, added: -1 }); Object.preventExtensions(Object.prototype);`;

test.each(['process', 'in-process'])('members that cannot be added again, added before the package is loaded: it works, %s', (isolation) => {
  const fine = JSON.stringify({ state: 'active', code: null, message: null, answer: { a: 1 }, kept: 4, ended: { ended: ['good-c'], failed: [] } });
  expect(run(SEALED + LOAD + HOST, isolation)).toEqual({ stdout: fine, stderr: '' });
});

test('members that cannot be hidden, added before the package is loaded: one typed error that names them', () => {
  const { stdout, stderr } = run(`${FREEZE} try { require(process.argv[1]); } catch (error) { console.log(JSON.stringify(error)); }`, 'process');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    code: 'ERR_PROTOTYPE_MEMBERS',
    message: 'cannot load aisopod-plugin: Object.prototype has members that cannot be removed: extend',
    hint: expect.stringContaining('before these members are added'),
  });
});

/** Compiles a schema beside one more member of Object.prototype, which cannot be removed. */
const SCHEMAS = `
const { compileSchema } = require(require('node:path').join(process.argv[1], '../schema/index.js'));
const schema = { type: 'object', properties: { a: { type: 'number', minimum: 3 }, b: { $ref: '#/$defs/b' } }, required: ['a'], additionalProperties: false, $defs: { b: { enum: [1] } } };
const verdictsBeside = (name, value, writable) => {
  Object.defineProperty(Object.prototype, name, { value, enumerable: true, writable });
  try {
    const check = compileSchema(schema);
    return [{ a: 3, b: 1 }, { a: 2 }, {}, { a: 3, b: 2 }, { a: 3, c: 1 }].map((value) => check(value, 20)?.expected ?? null);
  } catch (error) {
    return [error.code, error.found];
  }
};`;
const VERDICTS = [null, 'at least 3', 'the required key "a"', 'one of 1', 'only known keys'];

test.each([
  ['type', 'string'], ['minimum', 100], ['items', { type: 'number' }], ['properties', {}], ['required', ['q']], ['$ref', '#/x'], ['$id', 'x'],
  ['if', {}], ['not', {}], ['enum', ['q']], ['const', 1], ['allOf', [false]], ['pattern', '^q'], ['default', 7], ['validate', 1], ['schema', {}], ['$async', true],
])('a schema beside the member %s, which can only be changed', (name, value) => {
  const { stdout, stderr } = run(`${SCHEMAS} console.log(JSON.stringify(verdictsBeside('${name}', ${JSON.stringify(value)}, true)));`, 'process', 'build/modules/index.js');
  expect([JSON.parse(stdout), stderr]).toEqual([VERDICTS, '']);
});

test.each([['minimum', 100, true], ['enum', ['q'], false], ['validate', 1, false], ['schema', {}, false]])(
  'a schema beside the member %s, which cannot be changed: it is right, or refused by name',
  (name, value, isWorking) => {
    const { stdout, stderr } = run(`${SCHEMAS} console.log(JSON.stringify(verdictsBeside('${name}', ${JSON.stringify(value)}, false)));`, 'process', 'build/modules/index.js');
    const verdicts = JSON.parse(stdout) as unknown;
    expect(stderr).toBe('');
    if (isWorking) expect([VERDICTS, ['ERR_PROTOTYPE_MEMBERS', name]]).toContainEqual(verdicts);
    else expect(verdicts).toEqual(['ERR_PROTOTYPE_MEMBERS', name]);
  },
);

/** Each reader of documents and options, beside members that cannot be removed. */
const READERS = `
const [, index] = process.argv;
const inside = (file) => require(require('node:path').join(index, '..', file));
const lib = require(index);
const { compileSchema } = inside('schema/index.js');
const { FROM_CHILD, readCapabilities } = inside('isolation/wire/read-message.js');
${FREEZE}
const codeOf = (act) => { try { act(); return 'none'; } catch (error) { return error.code + ' ' + error.message; } };
const manifest = (more) => '[plugin]\\nid="a"\\nname="a"\\nversion="1.0.0"\\ndescription="a"\\nauthor="a"\\nentry_point="a"\\n' + more;
const schema = { properties: { a: { type: 'number' }, extend: { type: 'string', default: 'd' } }, required: ['a'], additionalProperties: false };
const check = compileSchema(schema);
console.log(JSON.stringify({
  manifest: codeOf(() => lib.parseManifest(manifest(''))),
  unknownKey: codeOf(() => lib.parseManifest(manifest('other=1'))).includes('1 problem: line 8, column 1: plugin.other: unknown key'),
  options: codeOf(() => new lib.ProcessLoader({ hostVersion: '1.0.0', env: { A: 'b' }, restart: {} })),
  unknownOption: codeOf(() => new lib.ProcessLoader({ hostVersion: '1.0.0', restart: { extended: 1 } })).split(':')[0],
  message: FROM_CHILD.readJson({ type: 'failed', request: 1, error: { code: 'ERR_INTERNAL', step: 'create', fields: { reason: 'r' } } })?.type,
  wrongMessage: FROM_CHILD.readJson({ type: 'pong', extended: 1 }) ?? null,
  capabilities: readCapabilities('[{"kind":"tool","name":"a","description":"d"}]')?.length,
  schema: [check({ a: 1 }, 7), check({}, 2), check({ a: 's' }, 9), check({ a: 1, b: 1 }, 13)].map((failure) => failure?.expected ?? null),
}));`;

test('each reader reads own members only', () => {
  const { stdout, stderr } = run(READERS, 'process', 'build/modules/index.js');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    manifest: 'none',
    unknownKey: true,
    options: 'none',
    unknownOption: 'ERR_OPTIONS option restart.extended',
    message: 'failed',
    wrongMessage: null,
    capabilities: 1,
    schema: [null, 'the required key "a"', 'a number', 'only known keys (a, extend)'],
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
