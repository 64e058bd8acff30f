/** What --json prints, held to the shapes that docs/cli.md shows. */
import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseManifest } from '../../src/manifest/index.js';
import { LOCK_FILENAME } from '../../src/trust/index.js';
import { triage } from '../../src/triage/index.js';
import { fixtureLibrary, fixturesRoot, folderOf, projectRoot, temporaryFolder } from '../support/fixtures.js';
import { cli, cliJson } from './cli.js';

const page = readFileSync(path.join(projectRoot, 'docs/cli.md'), 'utf8');

/** The example of a command in docs/cli.md. */
function documented(command: string): unknown {
  const section = page.split(/^### /m).find((part) => part.startsWith(`\`${command}\``));
  return JSON.parse(/```json\n([^]*?)```/.exec(section ?? '')?.[1] ?? 'null');
}

type Shape = true | { readonly [key: string]: Shape };

/** The keys of a value; the items of a list together are one. */
function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return value.map(shapeOf).reduce(merge, true);
  if (typeof value !== 'object' || value === null) return true;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

function merge(a: Shape, b: Shape): Shape {
  if (a === true || b === true) return a === true ? b : a;
  return { ...a, ...Object.fromEntries(Object.entries(b).map(([key, inner]) => [key, merge(a[key] ?? true, inner)])) };
}

async function expectDocumented(command: string, args: readonly string[], exit: number): Promise<unknown> {
  const { code, json } = await cliJson([command, ...args]);
  expect(shapeOf(json)).toEqual(shapeOf(documented(command)));
  expect(code).toBe(exit);
  return json;
}

const keys = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const keyFolder = temporaryFolder();
const keyFile = (name: 'private' | 'public'): string => path.join(keyFolder, name);
writeFileSync(keyFile('private'), keys.privateKey);
writeFileSync(keyFile('public'), keys.publicKey);

test('new: what was written, what is missing, and what comes next', async () => {
  const folder = temporaryFolder();
  const { code, json } = await cliJson(['new', 'weather'], { cwd: folder, env: { PATH: folder, Path: folder } });
  expect(shapeOf(json)).toEqual(shapeOf(documented('new')));
  expect({ code, json }).toMatchObject({ code: 0, json: { id: 'weather', lang: 'c', kind: 'tool', path: path.join(folder, 'weather') } });
});

test('list: every plugin, as it is known without running any', async () => {
  const folder = folderOf('good-c', 'truncated', 'create-null');
  const json = await expectDocumented('list', ['--dir', folder], 0);
  expect(json).toEqual({
    plugins: [
      { id: 'create-null', path: path.join(folder, 'create-null'), state: 'discovered', code: null, step: 'triage', hint: null },
      { id: 'good-c', path: path.join(folder, 'good-c'), state: 'discovered', code: null, step: 'triage', hint: null },
      {
        id: 'truncated',
        path: path.join(folder, 'truncated'),
        state: 'refused',
        code: 'ERR_LIBRARY_FORMAT',
        step: 'triage',
        hint: expect.any(String),
      },
    ],
  });
});

test('list: the folders of AISOPOD_PLUGIN_PATH, where none are named; and none is fine', async () => {
  const folder = folderOf('good-c');
  const { json } = await cliJson(['list'], { env: { AISOPOD_PLUGIN_PATH: folder } });
  expect(json).toMatchObject({ plugins: [{ id: 'good-c' }] });
  expect(await cliJson(['list'])).toEqual({ code: 0, json: { plugins: [] } });
});

test('list: a host version refuses what is not for it', async () => {
  const folder = folderOf('good-c');
  writeFileSync(path.join(folder, 'good-c/aisopod.plugin.toml'), '\n[compatibility]\nmin_host_version = "2.0.0"\n', { flag: 'a' });
  const listed = async (version: string) => (await cliJson(['list', '--dir', folder, '--host-version', version])).json;
  expect(await listed('1.0.0')).toMatchObject({ plugins: [{ state: 'refused', code: 'ERR_VERSION_COMPATIBILITY' }] });
  expect(await listed('2.0.0')).toMatchObject({ plugins: [{ state: 'discovered', code: null }] });
});

test('inspect: what triage returns plus the manifest', async () => {
  const folder = path.join(fixturesRoot, 'good-c');
  const manifest = parseManifest(readFileSync(path.join(folder, 'aisopod.plugin.toml'), 'utf8'));
  const facts = JSON.parse(JSON.stringify(await triage(fixtureLibrary('good-c')))) as object;
  expect(await cliJson(['inspect', folder])).toEqual({ code: 0, json: { ...facts, manifest, problems: [] } });
  expect(await cliJson(['inspect', fixtureLibrary('good-c')])).toEqual({ code: 0, json: { ...facts, manifest: null, problems: [] } });
});

test.each([
  ['a library that does not fit', path.join(fixturesRoot, 'wrong-architecture'), 'ERR_WRONG_ARCHITECTURE'],
  ['a file that is none', fixtureLibrary('text-as-library'), 'ERR_LIBRARY_FORMAT'],
  ['a library that is not there', path.join(fixturesRoot, 'lib-prefix'), 'ERR_LIBRARY_NOT_FOUND'],
  ['a path to nothing', path.join(fixturesRoot, 'nowhere'), 'ERR_IO'],
])('inspect: %s ends with 1 and says why', async (_what, at, errorCode) => {
  const { code, json } = await cliJson(['inspect', at]);
  expect(code).toBe(1);
  const { verdict, problems } = json as { verdict?: { code?: string }; problems: { code: string }[] };
  expect([verdict?.code, ...problems.map((problem) => problem.code)]).toContain(errorCode);
});

describe('explain', () => {
  test('each check, up to the refusal', async () => {
    const folder = folderOf('wrong-architecture');
    const json = await expectDocumented('explain', [path.join(folder, 'wrong-architecture')], 1);
    expect(await cliJson(['explain', 'wrong-architecture', '--dir', folder])).toMatchObject({ code: 1, json: strip(json) });
  });

  test('a plugin that nothing speaks against ends with 0', async () => {
    const { code, json } = await cliJson(['explain', path.join(fixturesRoot, 'good-c')]);
    expect(code).toBe(0);
    const [plugin] = (json as { plugins: { state: string; trace: { decision: string }[] }[] }).plugins;
    expect([plugin?.state, plugin?.trace.some(({ decision }) => decision === 'refused')]).toEqual(['discovered', false]);
  });

  test('a manifest that is not valid', async () => {
    const folder = folderOf('good-c');
    writeFileSync(path.join(folder, 'good-c/aisopod.plugin.toml'), 'x = 1\n', { flag: 'a' });
    for (const operand of [path.join(folder, 'good-c'), 'good-c']) {
      expect(await cliJson(['explain', operand, '--dir', folder])).toMatchObject({
        code: 1,
        json: { plugins: [{ id: 'good-c', state: 'refused', code: 'ERR_MANIFEST', trace: [{ step: 'manifest', decision: 'refused' }] }] },
      });
    }
  });

  /** Without the times, which no two runs have in common. */
  const strip = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'durationMs' ? undefined : inner)));
});

describe('call', () => {
  const good = path.join(fixturesRoot, 'good-c');

  test('chunks and result', async () => {
    expect(await cliJson(['call', good, 'stream', '{"count":2}'])).toEqual({
      code: 0,
      json: { chunks: [{ i: 0, pad: '' }, { i: 1, pad: '' }], result: { count: 2 } },
    });
    expect(Object.keys(documented('call') as object)).toEqual(['chunks', 'result']);
  });

  test('parameters default to {}, an id is found in the folders, a configuration arrives', async () => {
    expect(await cliJson(['call', 'good-c', 'echo', '--dir', folderOf('good-c')])).toEqual({ code: 0, json: { chunks: [], result: {} } });
    const configured = await cliJson(['call', good, 'config', '{}', '--config', '{"greeting":"hi"}']);
    expect(configured.json).toMatchObject({ result: { greeting: 'hi' } });
  });

  test.each([
    ['the plugin fails', [good, 'fail'], 'ERR_INVOCATION_FAILED'],
    ['the deadline passes', [good, 'pending', '{"ms":60000}', '--timeout', '50'], 'ERR_INVOCATION_TIMEOUT'],
    ['it cannot be loaded', [path.join(fixturesRoot, 'create-null'), 'x'], 'ERR_CREATE_FAILED'],
    ['init fails', [path.join(fixturesRoot, 'init-fails'), 'x'], 'ERR_INIT_FAILED'],
    ['the configuration does not fit', [good, 'config', '{}', '--config', '{"greeting":1}'], 'ERR_CONFIG'],
    ['there is no manifest', ['./nowhere', 'x'], 'ERR_IO'],
  ])('where %s, the error', async (_what, args, errorCode) => {
    const { code, json } = await cliJson(['call', ...args]);
    expect(code).toBe(1);
    expect(json).toMatchObject({ error: { code: errorCode, message: expect.any(String), hint: expect.any(String), step: expect.any(String) } });
  });
});

describe('lock, sign and verify', () => {
  test('what was locked is verified, until a file changes', async () => {
    const folder = folderOf('good-c', 'good-cpp');
    expect(await expectDocumented('verify', ['--dir', folder], 1)).toMatchObject({ checks: [{ code: 'ERR_NOT_LOCKED' }, { code: 'ERR_NOT_LOCKED' }] });
    const lockFile = path.join(folder, 'aisopod-plugins.lock');
    expect(await expectDocumented('lock', ['--dir', folder], 0)).toMatchObject({ locked: [{ id: 'good-c', lockFile }, { id: 'good-cpp', lockFile }] });
    expect(await expectDocumented('verify', ['--dir', folder], 0)).toMatchObject({ checks: [{ ok: true, code: null }, { ok: true }] });
    writeFileSync(path.join(folder, 'good-c/config.schema.json'), '{}');
    expect(await expectDocumented('verify', ['--dir', folder], 1)).toMatchObject({
      checks: [
        { id: 'good-c', check: 'lock', ok: false, code: 'ERR_LOCK_MISMATCH', message: expect.stringContaining('config.schema.json was changed') },
        { id: 'good-cpp', ok: true },
      ],
    });
    await cliJson(['lock', 'good-c', '--dir', folder]);
    expect((await cliJson(['verify', '--dir', folder])).code).toBe(0);
  });

  test('one bad plugin does not stop the others', async () => {
    const folder = folderOf('good-c', 'good-cpp');
    writeFileSync(path.join(folder, 'good-c/aisopod.plugin.toml'), 'no toml');
    const refused = [{ path: path.join(folder, 'good-c'), code: 'ERR_MANIFEST', message: expect.any(String), hint: expect.any(String) }];
    expect(await cliJson(['lock', '--dir', folder])).toMatchObject({ code: 1, json: { locked: [{ id: 'good-cpp' }], refused } });
    expect(await cliJson(['verify', '--dir', folder])).toMatchObject({ code: 1, json: { checks: [{ id: 'good-cpp', ok: true }], refused } });
    const named = await cliJson(['lock', 'nobody', 'good-cpp', '--dir', folder]);
    expect(named).toMatchObject({ code: 1, json: { locked: [{ id: 'good-cpp' }], refused: [{ id: 'nobody', code: null }] } });
  });

  test('one malformed lock file does not stop the others', async () => {
    const [broken, fine] = [folderOf('good-c'), folderOf('good-cpp')] as const;
    writeFileSync(path.join(broken, LOCK_FILENAME), 'no lock');
    expect(await cliJson(['lock', '--dir', broken, '--dir', fine])).toMatchObject({
      code: 1,
      json: { locked: [{ id: 'good-cpp' }], refused: [{ id: 'good-c', code: 'ERR_LOCK_FILE' }] },
    });
  });

  (process.platform === 'win32' ? test.skip : test).each([
    [['aux.txt']], [['dot.']], [['space ']], [['a?b']], [['com1']], [['Read.me', 'read.ME']],
  ])('lock refuses names that Windows cannot have: %j (not on Windows, which cannot have them)', async (names) => {
    const folder = folderOf('good-c', 'good-cpp');
    for (const name of names) writeFileSync(path.join(folder, 'good-c', name), '');
    expect(await cliJson(['lock', '--dir', folder])).toMatchObject({
      code: 1,
      json: { locked: [{ id: 'good-cpp' }], refused: [{ id: 'good-c', code: 'ERR_PLUGIN_FOLDER', message: expect.stringContaining(names[0] ?? '') }] },
    });
  });

  test('what goes wrong is on standard error', async () => {
    const folder = folderOf('good-c');
    writeFileSync(path.join(folder, 'good-c/aux'), '');
    for (const args of [['inspect', path.join(folder, 'none')], ['lock', '--dir', folder], ['verify', '--dir', folder]]) {
      const { code, stderr } = await cli(args);
      expect([args[0], code, stderr]).toEqual([args[0], 1, expect.stringMatching(/\n→ /)]);
    }
    expect((await cli(['inspect', path.join(folder, 'none')])).stdout).toBe('');
  });

  test('one lock file for all, named', async () => {
    const folder = folderOf('good-c');
    const lockFile = path.join(temporaryFolder(), 'own.lock');
    const plugin = path.join(folder, 'good-c');
    expect((await cliJson(['lock', plugin, '--lock-file', lockFile])).json).toMatchObject({ locked: [{ lockFile }] });
    expect((await cliJson(['verify', plugin, '--lock-file', lockFile])).code).toBe(0);
    expect((await cliJson(['verify', plugin])).code).toBe(1);
  });

  test('what was signed is verified with the public key, until a file changes', async () => {
    const plugin = path.join(folderOf('good-c'), 'good-c');
    const verify = async () => cliJson(['verify', plugin, '--key', keyFile('public')]);
    expect((await verify()).json).toMatchObject({ checks: [{ check: 'signature', code: 'ERR_SIGNATURE' }] });
    expect(await expectDocumented('sign', [plugin, '--key', keyFile('private')], 0)).toMatchObject({ signature: path.join(plugin, 'aisopod.plugin.sig') });
    expect(await verify()).toMatchObject({ code: 0, json: { checks: [{ check: 'signature', ok: true }] } });
    writeFileSync(path.join(plugin, 'added'), '');
    expect(await verify()).toMatchObject({ code: 1, json: { checks: [{ ok: false, code: 'ERR_SIGNATURE' }] } });
  });

  test.each([
    ['a key of the wrong kind', ['--key', 'public'], 1, { error: { code: 'ERR_KEY', hint: expect.stringContaining('private key') } }],
    ['no such file', ['--key', 'none'], 1, { error: { code: 'ERR_IO' } }],
    ['no key at all', [], 2, { error: { message: expect.stringContaining('--key') } }],
  ])('sign with %s', async (_what, [option, name], exit, answer) => {
    const key = option === undefined ? [] : [option, path.join(keyFolder, name ?? '')];
    expect(await cliJson(['sign', path.join(folderOf('good-c'), 'good-c'), ...key])).toMatchObject({ code: exit, json: answer });
  });
});

test('doctor: what this machine has', async () => {
  const { code, json } = await cliJson(['doctor', '--dir', folderOf('good-c')]);
  expect(shapeOf(json)).toEqual(shapeOf(documented('doctor')));
  const { checks } = json as { checks: { name: string; status: string }[] };
  expect(checks.map(({ name }) => name)).toEqual(['node', 'abi', 'koffi', 'transport', 'sandbox', 'folder', 'cmake', 'compiler', 'rustc']);
  expect(code).toBe(checks.some(({ status }) => status === 'problem') ? 1 : 0);
});

test('validate: every check, and what it found', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'aisopod.plugin.toml'), '[plugin]\nid = "BAD"\n');
  const json = await expectDocumented('validate', [folder, '--only', 'static'], 1);
  expect(json).toMatchObject({ plugin: { id: null, version: null, path: folder }, checks: expect.arrayContaining([expect.objectContaining({ id: 'manifest-valid', status: 'failed' })]) });
});

test('cmake-dir: folders that are there', async () => {
  const json = (await expectDocumented('cmake-dir', [], 0)) as { cmake: string; include: string };
  expect(readFileSync(path.join(json.cmake, 'aisopod-plugin-config.cmake'), 'utf8')).not.toBe('');
  expect(readFileSync(path.join(json.include, 'aisopod/plugin.h'), 'utf8')).not.toBe('');
  expect((await cli(['cmake-dir'])).stdout).toBe(`${json.cmake}\n`);
});
