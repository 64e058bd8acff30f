/** Every fixture that breaks a rule, and the checks that are meant to find it. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CHECKS } from '../../../src/cli/validate/checks.js';
import { readContents } from '../../../src/cli/validate/plugin-contents.js';
import { STATIC_CHECKS } from '../../../src/cli/validate/static/index.js';
import { fixtureDir, fixturesRoot, isZig } from '../../support/fixtures.js';
import { found } from './dynamic/validation.js';

const isLinux = process.platform === 'linux';

/** Found without running the plugin. */
const BY_FILES: Readonly<Record<string, readonly string[]>> = {
  'bad-abi-note': ['note-abi-supported'],
  'constructor-marker-note-99': ['note-abi-supported'],
  'empty-file': ['library-complete'],
  'text-as-library': ['library-complete'],
  truncated: ['library-complete'],
  'wrong-architecture': ['library-architecture'],
  'lib-prefix': ['entry-point-bare'],
  'no-abi-version': ['exports-required'],
  'no-create': ['exports-required'],
  'own-deflate': ['exports-names-of-node', 'exports-only-contract'],
  ...(isLinux && { crasher: ['imports-allowed'], 'needs-missing-library': ['dependencies-found'], 'undefined-symbol': ['imports-resolved'] }),
};

/** Found by running the plugin. */
const BY_CODE: Readonly<Record<string, readonly string[]>> = {
  'bad-abi-version': ['abi-version'],
  'call-log-abi-99': ['abi-version'],
  'bad-meta': ['starts-and-stops'],
  'bad-strings': ['starts-and-stops'],
  'create-null': ['starts-and-stops'],
  'null-function': ['starts-and-stops'],
  'vtable-too-small': ['starts-and-stops'],
  'endless-string': ['starts-and-stops'],
  'init-fails': ['starts-and-stops'],
  'init-unknown-status': ['starts-and-stops'],
  'register-fails': ['starts-and-stops'],
  'register-unknown-status': ['starts-and-stops'],
  'shutdown-fails': ['starts-and-stops'],
  'shutdown-unknown-status': ['starts-and-stops'],
  'extra-undeclared': ['valid-registration'],
  'register-twice': ['valid-registration'],
  'id-mismatch': ['id-matches'],
  'rule-breaker': [
    'known-statuses',
    'valid-replies',
    'json-answers',
    'valid-structs',
    'valid-logs',
    'valid-chunks',
    'valid-completions',
    'valid-calls',
    'completed-twice',
    'completed-and-returned',
    'emit-after-complete',
    'known-invocations',
  ],
};

/** These block for two seconds, so they are found by a shorter time limit. */
const BY_TIME: Readonly<Record<string, readonly string[]>> = {
  'create-hangs': ['starts-and-stops'],
  'init-hangs': ['starts-and-stops'],
  'register-hangs': ['starts-and-stops'],
  'shutdown-hangs': ['starts-and-stops'],
  'extension-hangs': ['unknown-extension'],
};

/** What the others are for. */
const OTHERS: Readonly<Record<string, string>> = {
  attacker: 'attacks the sandbox, in ways that are named in its input',
  'memory-attacker': 'attacks the memory that it shares with the host',
  'call-log': 'correct: it has no note, which is only a warning',
  'costly-schema': 'correct: how long a host checks its parameters',
  'nested-schema': 'correct, but for its nesting, which a host refuses',
  'slow-schema': 'correct: how long a host checks its parameters',
  'slow-init': 'correct: init takes its time',
  'waits-for-each-other': 'its tools wait for another only if their input says so',
  'wide-pointers': 'correct: its memory is at high addresses',
};

async function foundByFiles(folder: string): Promise<string[]> {
  const contents = await readContents(folder);
  const found = await Promise.all(STATIC_CHECKS.map(async ({ id, run }) => ((await run(contents)).some(({ severity }) => severity === 'error' || severity === 'warning') ? [id] : [])));
  return found.flat();
}

async function foundByCode(name: string, only: readonly string[], timeoutMs?: number): Promise<string[]> {
  const findings = await found(fixtureDir(name), { only, ...(timeoutMs !== undefined && { timeoutMs }) });
  return Object.entries(findings).flatMap(([id, messages]) => (messages.some((message) => message.startsWith('error: ')) ? [id] : []));
}

describe('a fixture that breaks a rule is found by the checks that are meant for it', () => {
  test.each(Object.entries(BY_FILES))('%s: %j', async (name, checks) => {
    expect(await foundByFiles(fixtureDir(name))).toEqual(expect.arrayContaining([...checks]));
  });

  test.each(Object.entries(BY_CODE))('%s: %j', async (name, checks) => {
    expect((await foundByCode(name, checks)).sort()).toEqual([...checks].sort());
  });

  test.each(Object.entries(BY_TIME))('%s: %j', async (name, checks) => {
    expect(await foundByCode(name, checks, 1500)).toEqual(checks);
  });
});

test('every fixture is a good plugin, or is in one of these tables', async () => {
  const listed = { ...BY_FILES, ...BY_CODE, ...BY_TIME, ...OTHERS };
  const names = readdirSync(fixturesRoot).filter((name) => !Object.hasOwn(listed, name) && (isLinux || !['crasher', 'needs-missing-library', 'undefined-symbol'].includes(name)));
  const wrong = await Promise.all(names.map(async (name) => ({ name, found: await foundByFiles(path.join(fixturesRoot, name)) })));
  // Many offer nothing, as their manifests say: they are for what comes before. And Zig's C++ library, which is linked in, is exported.
  const expected = ['manifest-declares-capabilities', ...(isZig ? ['exports-only-contract', 'exports-no-allocator'] : [])];
  expect(wrong.filter(({ found }) => found.some((id) => !expected.includes(id)))).toEqual([]);
  const ids = CHECKS.map(({ id }) => id);
  const named = Object.values({ ...BY_FILES, ...BY_CODE, ...BY_TIME }).flat();
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});
