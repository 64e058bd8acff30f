/** What open does with plugins of every sort, and what it tells of them. */
import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import { PluginHost } from '../../src/host/plugin-host.js';
import { copyFixture, folderOf, temporaryFolder } from '../support/fixtures.js';
import { errorOf, until } from '../support/host.js';
import { NEVER, appendToManifest, keepingLogger, open, plain, statesOf } from './host.js';

test('five lines: a plugin in C is found, and its tool called', async () => {
  const host = await open({ pluginDirs: [folderOf('good-c')] });
  expect(statesOf(host)).toEqual([['good-c', 'active']]);
  expect(await host.find('tool', 'echo')?.call({ text: 'hello' })).toEqual({ text: 'hello' });
  expect(host.tools.map(({ name }) => name)).toContain('echo');
  expect(host.commands.map(({ name }) => name)).toEqual(['greet']);
  expect(host.hooks.map(({ name }) => name)).toEqual(['BeforeToolExecute']);
  expect(host.channels.map(({ name }) => name)).toEqual(['loopback']);
  expect(host.providers.map(({ name }) => name)).toEqual(['parrot']);
});

test('dispatch runs the handlers in plugin order', async () => {
  const changes = plain('first', {
    register: (api) =>
      api.registerHook({ name: 'BeforeToolExecute', handle: () => ({ action: 'replace', value: { mode: 'veto' } }) }),
  });
  const host = await open({ plugins: [changes], pluginDirs: [folderOf('good-c')] });
  const result = await host.dispatch('BeforeToolExecute', {});
  expect(result.vetoed).toEqual({ pluginId: 'good-c', reason: 'asked to veto' });
  expect(result.outcomes.map(({ pluginId, action }) => [pluginId, action])).toEqual([
    ['first', 'replace'],
    ['good-c', 'veto'],
  ]);
});

describe('where every plugin fails', () => {
  const CODES = {
    'create-null': ['refused', 'create', 'ERR_CREATE_FAILED'],
    'extra-undeclared': ['failed', 'register', 'ERR_CAPABILITY_UNDECLARED'],
    'id-mismatch': ['refused', 'create', 'ERR_ID_MISMATCH'],
    'init-fails': ['failed', 'init', 'ERR_INIT_FAILED'],
    'init-hangs': ['failed', 'init', 'ERR_LIFECYCLE_TIMEOUT'],
    'lib-prefix': ['refused', 'open', 'ERR_LIBRARY_NOT_FOUND'],
    'no-create': ['refused', 'triage', 'ERR_MISSING_SYMBOL'],
    'register-fails': ['failed', 'register', 'ERR_REGISTER_FAILED'],
    truncated: ['refused', 'triage', 'ERR_LIBRARY_FORMAT'],
  } as const;

  test('open returns, and report has each with state, step, code and hint', async () => {
    const { logger, lines } = keepingLogger();
    const host = await open({ pluginDirs: [folderOf(...Object.keys(CODES))], timeouts: { init: 300 }, processes: { env: { AISOPOD_FIXTURE_HANG_MS: '600000' } }, logger });
    expect(Object.fromEntries(host.report().map(({ id, state, step, code }) => [id, [state, step, code]]))).toEqual(CODES);
    for (const { id, hint, message, path: folder, version } of host.report()) {
      expect({ id, hint: typeof hint, version }).toEqual({ id, hint: 'string', version: '1.0.0' });
      expect(message).toContain(`plugin ${id}`);
      expect(path.basename(folder ?? '')).toBe(id);
    }
    const told = lines.filter(({ level }) => level === 'warn' || level === 'error');
    expect(new Set(told.map(({ fields }) => fields?.pluginId))).toEqual(new Set(Object.keys(CODES)));
    expect(host.tools).toEqual([]);
    expect(await host.close()).toEqual({ ended: [], failed: [] });
    const hung = (): string => (host.explain('init-hangs')?.events ?? []).map(({ message }) => message).join('\n');
    expect(hung()).toContain('init passed its deadline of 300 ms');
    await until(() => hung().includes('init returned') && hung().includes('after its deadline'));
  });

  test('a broken manifest and a folder that is none are in the report, and in the log', async () => {
    const { logger, lines } = keepingLogger();
    const folder = folderOf('good-c');
    const broken = copyFixture('good-c', folder, 'broken');
    appendToManifest(broken, '[surprise]\n');
    const file = path.join(folder, 'good-c', 'aisopod.plugin.toml');
    const host = await open({ pluginDirs: [folder, file], logger });
    expect(host.report().map(({ path: at, state, step, code }) => [at, state, step, code])).toEqual([
      [path.join(folder, 'good-c'), 'active', 'active', undefined],
      [broken, 'refused', 'manifest', 'ERR_MANIFEST'],
      [file, 'refused', 'scan', 'ERR_DIRECTORY_SCAN'],
    ]);
    expect(lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields?.code)).toEqual(['ERR_MANIFEST', 'ERR_DIRECTORY_SCAN']);
  });
});

test('a mistyped host version is the one thing that open throws', async () => {
  expect(await errorOf(PluginHost.open({ hostVersion: 'one', pluginDirs: [] }))).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY' });
});

test('missing and empty folders are fine', async () => {
  const folder = temporaryFolder();
  const host = await open({ pluginDirs: [folder, path.join(folder, 'not there')] });
  expect(host.report()).toEqual([]);
});

describe('report and explain', () => {
  test('every step of an active plugin is in its trace and has a time', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const report = host.explain('good-c');
    expect(report).toEqual(host.report()[0]);
    expect(report).toMatchObject({ id: 'good-c', name: 'Good in C', version: '1.0.0', state: 'active', step: 'active', missing: [] });
    expect(report?.trace.some(({ decision }) => decision === 'refused')).toBe(false);
    expect(Object.keys(report?.timings ?? {})).toEqual(['manifest', 'trust', 'triage', 'open', 'bind', 'create', 'register', 'init']);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('where a plugin runs, and what it has registered', async () => {
    const own = plain('mine');
    const isolation: PluginHostOptions['isolation'] = ({ id }) => (id === 'good-c' ? 'process' : 'in-process');
    const host = await open({ pluginDirs: [folderOf('good-c', 'good-cpp', 'id-mismatch')], plugins: [own], isolation });
    expect(host.explain('mine')).toMatchObject({ isolation: 'in-process', capabilities: ['tool mine'], warnings: [] });
    const inChild = host.explain('good-c');
    expect(inChild).toMatchObject({ isolation: 'process', pid: expect.any(Number) });
    expect(inChild?.capabilities).toEqual(expect.arrayContaining(['tool echo', 'command greet', 'hook BeforeToolExecute', 'channel loopback', 'provider parrot']));
    expect(inChild?.pid).not.toBe(process.pid);
    expect(host.explain('good-cpp')).toMatchObject({ isolation: 'in-process' });
    expect(host.explain('good-cpp')).not.toHaveProperty('pid');
    expect(host.explain('good-cpp')).not.toHaveProperty('requirements');
    expect(host.explain('id-mismatch')).toMatchObject({ state: 'refused', capabilities: [] });
    await host.disable('good-c');
    expect(host.explain('good-c')).toMatchObject({ state: 'disabled', capabilities: [] });
    expect(host.explain('good-c')).not.toHaveProperty('pid');
  });

  test('the trace of a refused one ends with what refuses it: expected, found, hint', async () => {
    const host = await open({ pluginDirs: [folderOf('id-mismatch')] });
    expect(host.explain('id-mismatch')?.trace.at(-1)).toMatchObject({
      step: 'create',
      decision: 'refused',
      code: 'ERR_ID_MISMATCH',
      expected: 'id-mismatch',
      hint: expect.any(String),
    });
  });

  test('what is declared and not registered is named', async () => {
    const folder = temporaryFolder();
    appendToManifest(copyFixture('slow-init', folder), '[capabilities]\ntools = ["absent"]\n');
    const host = await open({ pluginDirs: [folder] });
    expect(host.explain('slow-init')).toMatchObject({ state: 'active', missing: ['tool absent'] });
  });

  test('nobody is explained as nothing', async () => {
    expect((await open()).explain('nobody')).toBeUndefined();
  });
});

describe("plugins of the host's own", () => {
  test('come first, and win over a folder with the same id', async () => {
    const host = await open({ plugins: [plain('good-c'), plain('b')], pluginDirs: [folderOf('good-c')] });
    expect(host.report().map(({ id, state, code, path: at }) => [id, state, code, at === undefined])).toEqual([
      ['good-c', 'active', undefined, true],
      ['b', 'active', undefined, true],
      ['good-c', 'refused', 'ERR_DUPLICATE_ID', false],
    ]);
    expect(host.explain('good-c')).toMatchObject({ state: 'active' });
    expect((await host.close()).ended).toEqual(['b', 'good-c']);
  });

  test('two with one id: the second is refused', async () => {
    const host = await open({ plugins: [plain('a'), plain('a')] });
    expect(host.report().map(({ state, code }) => [state, code])).toEqual([
      ['active', undefined],
      ['failed', 'ERR_DUPLICATE_PLUGIN'],
    ]);
  });

  test('one that never answers holds up neither open nor close', async () => {
    const timeouts = { register: 50, init: 50, shutdown: 50 };
    const plugins = [
      plain('slow-register', { register: () => NEVER }),
      plain('slow-init', { init: () => NEVER }),
      plain('slow-shutdown', { shutdown: () => NEVER }),
      plain('good'),
    ];
    const host = await open({ plugins, timeouts });
    expect(host.report().map(({ state, step, code }) => [state, step, code])).toEqual([
      ['failed', 'register', 'ERR_LIFECYCLE_TIMEOUT'],
      ['failed', 'init', 'ERR_LIFECYCLE_TIMEOUT'],
      ['active', 'active', undefined],
      ['active', 'active', undefined],
    ]);
    const { ended, failed } = await host.close();
    expect(ended).toEqual(['good']);
    expect(failed.map(({ id, error }) => [id, 'code' in error && error.code])).toEqual([['slow-shutdown', 'ERR_LIFECYCLE_TIMEOUT']]);
  });

  test('what they throw is a typed error with the cause', async () => {
    const cause = new Error('no');
    const host = await open({
      plugins: [
        plain('a', {
          init() {
            throw cause;
          },
        }),
      ],
    });
    expect(host.explain('a')).toMatchObject({ state: 'failed', code: 'ERR_INIT_FAILED', message: 'plugin a: init failed: no' });
  });

  test('one that is disabled is listed and not started', async () => {
    const host = await open({ plugins: [plain('a')], disabled: ['a'] });
    expect(statesOf(host)).toEqual([['a', 'disabled']]);
    expect(await host.enable('a')).toMatchObject({ state: 'active' });
    await host.disable('a');
    expect(host.tools).toEqual([]);
    expect(await host.enable('a')).toMatchObject({ state: 'active' });
    expect(host.tools).toHaveLength(1);
  });
});
