import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { manifestJsonSchema, parseManifest } from '../../src/manifest/index.js';
import { MINIMAL, problemsIn, refusalOf } from './sample.js';

const NOTHING = { read: [], write: [], connect: [], listen: [], run: [], env: [], call: [] };
const permissionsOf = (text: string) => parseManifest(`${MINIMAL}[permissions]\n${text}\n`).permissions;
const problemsOf = (text: string) => problemsIn(refusalOf(() => parseManifest(`${MINIMAL}[permissions]\n${text}\n`)));
const validate = new Ajv2020({ strict: true }).compile(manifestJsonSchema());
const plugin = { id: 'a', name: 'A', version: '1.0.0', description: 'd', author: 'b', entry_point: 'a' };

const PATHS = {
  good: ['/', '/etc/hosts', '~', '~/Notes', '$PLUGIN', '$DATA/cache', '$TMP/x', '/a..b/..c', '/a b', 'C:/Users', 'c:\\Users', '/$x', '/é', `/${'a'.repeat(1023)}`],
  bad: ['', 'notes', './notes', '../notes', '/a/../b', '/..', '~/..', '$DATA/../b', '~user/x', '$HOME/x', '$DATAx', '/a/*', '/a/?', '/a\u0000', '/a\u202eb', 'C:Users', 'C:\\..\\x', `/${'a'.repeat(1024)}`, 7],
};
/** Accepted and refused items of each key. */
const ITEMS: Readonly<Record<string, { readonly good: readonly (string | number)[]; readonly bad: readonly (string | number)[] }>> = {
  read: PATHS,
  write: PATHS,
  run: { good: ['/usr/bin/git', '~/bin/x', '$PLUGIN/helper', 'C:/x.exe'], bad: ['git', '$DATA/x', '$TMP/x', '/usr/bin/../git', '/usr/bin/*'] },
  connect: {
    good: ['example.com:443', 'localhost:1', '192.0.2.1:65535', '[::1]:80', '*:443', 'a_b-c.x:8080'],
    bad: ['example.com', ':443', 'example.com:0', 'example.com:65536', 'example.com:*', 'https://example.com:443', '::1:80', '[::1]', 'a b:1', '-a.x:1', 'a..b:1', '*.example.com:443', `${'a'.repeat(64)}:1`],
  },
  listen: { good: [1, 8080, 65_535], bad: [0, 65_536, -1, 1.5, '80'] },
  env: { good: ['HTTPS_PROXY', '_a1'], bad: ['', '1A', 'A B', 'A=B', 'A-B'] },
  call: { good: ['tool fetch', 'channel mail.send', 'provider *'], bad: ['fetch', 'tool', 'tool  fetch', 'tool a b', 'command x', 'hook OnSessionEnd', '* x', 'tool f*'] },
};

describe.each(Object.entries(ITEMS))('%s', (key, { good, bad }) => {
  test.each(good)('%j', (item) => {
    for (const table of ['', 'optional.']) expect(permissionsOf(`${table}${key} = [${JSON.stringify(item)}]`)).toBeDefined();
    expect(validate({ plugin, permissions: { [key]: [item], optional: { [key]: [item] } } })).toBe(true);
  });

  test.each(bad)('%j is a problem', (item) => {
    for (const table of ['', 'optional.']) {
      const text = JSON.stringify(item).replaceAll('\\u0000', '\\u0001');
      expect(problemsOf(`${table}${key} = [${text}]`)).toMatchObject([{ key: `permissions.${table}${key}[0]`, line: 9 }]);
    }
    expect(validate({ plugin, permissions: { [key]: [item] } })).toBe(false);
    expect(validate({ plugin, permissions: { optional: { [key]: [item] } } })).toBe(false);
  });
});

test('each item has one spelling and comes once; what is required is not optional as well', () => {
  const text = `read = ["/a//b/./", "/a/b", "~/", "c:\\\\x\\\\y", "C:/"]
connect = ["Example.COM:443", "example.com:443", "[2001:DB8::1]:80"]
listen = [80]
[permissions.optional]
read = ["/a/b/", "/c"]
listen = [80, 81]
call = ["tool A"]`;
  expect(permissionsOf(text)).toEqual({
    ...NOTHING,
    read: ['/a/b', '~', 'c:/x/y', 'C:/'],
    connect: ['example.com:443', '[2001:db8::1]:80'],
    listen: [80],
    optional: { ...NOTHING, read: ['/c'], listen: [81], call: ['tool A'] },
  });
});

test.each(['', 'read = []', '[permissions.optional]', 'optional = { env = [] }'])('%j asks for nothing, so the manifest has no permissions', (text) => {
  expect(parseManifest(`${MINIMAL}[permissions]\n${text}\n`)).not.toHaveProperty('permissions');
});

describe('problems', () => {
  test.each([
    ['reed = []', 'permissions.reed', 'Did you mean permissions.read?'],
    ['[permissions.optional]\nconect = []', 'permissions.optional.conect', 'Did you mean permissions.optional.connect?'],
    ['optinal = {}', 'permissions.optinal', 'Did you mean permissions.optional?'],
  ])('%j: the nearest key', (text, key, hint) => {
    expect(problemsOf(text)).toMatchObject([{ key, message: 'unknown key', hint }]);
  });

  test('a misspelled table', () => {
    const problems = problemsIn(refusalOf(() => parseManifest(`${MINIMAL}[permission]\nread = ["/"]\n`)));
    expect(problems).toMatchObject([{ key: 'permission', line: 8, hint: 'Did you mean permissions?' }]);
  });

  test.each([
    ['read = "/a"', 'permissions.read', 'a list of strings'],
    ['listen = 80', 'permissions.listen', 'a list of port numbers'],
    ['read = ["/a", "/a"]', 'permissions.read[1]', 'each item once'],
    ['listen = [1, 1]', 'permissions.listen[1]', 'each item once'],
    ['optional = ["/a"]', 'permissions.optional', 'a table [permissions.optional]'],
    ['[permissions.optional.optional]', 'permissions.optional.optional', 'one of read, write, connect, listen, run, env, call'],
    [`env = [${Array.from({ length: 101 }, (_, n) => `"A${n}"`).join(', ')}]`, 'permissions.env', 'at most 100 items'],
  ])('%j', (text, key, expected) => {
    expect(problemsOf(text)).toMatchObject([{ key, expected }]);
  });
});
