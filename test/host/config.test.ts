/** A plugin's configuration: schema, defaults, and what is refused, before init and while it runs. */
import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { RestartOptions } from '../../src/isolation/supervisor/restart-policy.js';
import { copyFixture, folderOf, temporaryFolder } from '../support/fixtures.js';
import { errorOf, timeoutInside, until } from '../support/host.js';
import { installBuild } from '../support/releases.js';
import { NEVER, appendToManifest, keepingLogger, open, plain } from './host.js';
import { HOMES } from './reloaded.js';

const isWindows = process.platform === 'win32';

/** What good-c was given last. */
const configOf = (host: PluginHost): Promise<unknown> | undefined => host.find('tool', 'config')?.call({});

/** A host whose plugin good-c was in native code past a deadline, so that its process was killed. */
async function killed(state: string, restart: RestartOptions): Promise<PluginHost> {
  const host = await open({ pluginDirs: [folderOf('good-c')], isolation: 'process', quarantine: false, processes: { graceMs: 0, restart } });
  await timeoutInside(() => host.find('tool', 'block')?.call({ ms: 60_000 }, { timeoutMs: 20 }));
  await until(() => host.explain('good-c')?.state === state);
  return host;
}

const withConfig = (config: unknown): Promise<PluginHost> =>
  open({ pluginDirs: [folderOf('good-c')], config: { 'good-c': config as Record<string, unknown> } });

describe('before init', () => {
  test('defaults are filled in where nothing is given', async () => {
    expect(await configOf(await open({ pluginDirs: [folderOf('good-c')] }))).toEqual({ greeting: 'hello' });
  });

  test('what is given arrives, and the given object stays as it is', async () => {
    const config = { greeting: 'hi' };
    expect(await configOf(await withConfig(config))).toEqual({ greeting: 'hi' });
    const empty = {};
    await withConfig(empty);
    expect(empty).toEqual({});
  });

  test('its schema may begin with the mark that some editors write', async () => {
    const folder = folderOf('good-c');
    const schema = path.join(folder, 'good-c', 'config.schema.json');
    writeFileSync(schema, `\ufeff${readFileSync(schema, 'utf8')}`);
    expect(await configOf(await open({ pluginDirs: [folder] }))).toEqual({ greeting: 'hello' });
  });

  test.each(['in-process', 'process', { process: 'shared' }] as const)('a changed schema counts as changed files, which update takes: %j', async (isolation) => {
    const folder = folderOf('good-c');
    const schema = path.join(folder, 'good-c', 'config.schema.json');
    const host = await open({ pluginDirs: [folder], isolation, updates: { probationMs: 0 } });
    expect(await host.update('good-c')).toEqual({ outcome: 'unchanged', id: 'good-c' });
    writeFileSync(schema, '{"properties":{"greeting":{"default":"ahoy"}}}');
    expect(host.explain('good-c')?.filesChanged).toBe(true);
    expect(await host.update()).toMatchObject([{ outcome: 'updated', id: 'good-c', generation: 2 }]);
    expect(await configOf(host)).toEqual({ greeting: 'ahoy' });
    expect(host.explain('good-c')?.filesChanged).toBeUndefined();
    rmSync(schema);
    expect(await host.update('good-c')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_CONFIG' } });
    expect(await configOf(host)).toEqual({ greeting: 'ahoy' });
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  test.each([
    ['a wrong type', { greeting: 5 }, 'greeting', 'expected a string, found 5'],
    ['a bound', { greeting: 'x'.repeat(61) }, 'greeting', 'expected at most 60 characters, found a string'],
    ['a key too many', { greting: 'hi' }, 'greting', 'expected only known keys (greeting), found the unknown key "greting" (did you mean "greeting"?)'],
    ['no object', 'hi', '', 'expected an object'],
    ['a list', [], '', 'expected an object'],
    ['null', null, '', 'expected an object'],
    ['what JSON cannot hold', cycle, '', 'JSON cannot hold it'],
    ['a BigInt', { greeting: 1n }, 'greeting', 'JSON cannot hold it'],
  ])('%s is refused: the error names plugin and key', async (_what, config, key, reason) => {
    const host = await withConfig(config);
    const { state, step, code, message } = host.explain('good-c') ?? {};
    expect({ state, step, code }).toEqual({ state: 'failed', step: 'init', code: 'ERR_CONFIG' });
    expect(message).toContain(`plugin good-c: configuration${key === '' ? '' : ` at ${key}`}: `);
    expect(message).toContain(reason);
  });

  test('a key deep inside is named as people write it, also where it is missing', async () => {
    const folder = temporaryFolder();
    const plugin = copyFixture('good-c', folder);
    const server = { type: 'object', required: ['host'], properties: { port: { type: 'integer' } } };
    const schema = { properties: { servers: { type: 'array', items: server } } };
    writeFileSync(path.join(plugin, 'config.schema.json'), JSON.stringify(schema));
    const host = await open({ pluginDirs: [folder], disabled: ['good-c'] });
    await host.enable('good-c');
    const missing = { servers: [{ host: 'a' }, { port: 1 }] };
    expect(await errorOf(host.reconfigure('good-c', missing))).toMatchObject({ code: 'ERR_CONFIG', key: 'servers.1.host' });
    const wrong = { servers: [{ host: 'a', port: 'eighty' }] };
    expect(await errorOf(host.reconfigure('good-c', wrong))).toMatchObject({ code: 'ERR_CONFIG', key: 'servers.0.port' });
  });

  test.each(['in-process', 'process'] as const)('one that its schema cannot judge in a lifetime fails its plugin alone: %s', async (isolation) => {
    const folder = folderOf('good-c', 'slow-init');
    const schema = { properties: { greeting: { pattern: '^(a+)+$' } } };
    writeFileSync(path.join(folder, 'good-c', 'config.schema.json'), JSON.stringify(schema));
    const host = await open({ pluginDirs: [folder], isolation, config: { 'good-c': { greeting: `${'a'.repeat(60)}!` } } });
    const { state, step, code, message } = host.explain('good-c') ?? {};
    expect({ state, step, code }).toEqual({ state: 'failed', step: 'init', code: 'ERR_CONFIG' });
    expect(message).toMatch(/expected schema validation to finish, found a timeout after \d+ ms/);
    expect(host.explain('slow-init')?.state).toBe('active');
  });

  test('no text of a configuration gets into report or log: it may be a secret', async () => {
    const { logger, lines } = keepingLogger();
    const folder = temporaryFolder();
    const plugin = copyFixture('good-c', folder);
    writeFileSync(path.join(plugin, 'config.schema.json'), '{"properties":{"key":{"type":"integer"}}}');
    const host = await open({ pluginDirs: [folder], logger, config: { 'good-c': { key: 'sk-secret' } } });
    expect(host.explain('good-c')?.code).toBe('ERR_CONFIG');
    expect(JSON.stringify([host.report(), lines])).not.toContain('sk-secret');
  });

  const withoutSchema = (config: unknown, isolation: 'in-process' | 'process' = 'in-process'): Promise<PluginHost> =>
    open({ pluginDirs: [folderOf('crasher')], isolation, config: { crasher: config as Record<string, unknown> } });

  test.each([
    ['5', 5, 'configuration: expected an object, found a number'],
    ['a BigInt', 5n, 'configuration: expected an object, found a bigint'],
    ['null', null, 'configuration: expected an object, found null'],
    ['a list', [], 'configuration: expected an object, found an array'],
    ['a cycle', cycle, 'configuration: JSON cannot hold it: Converting circular structure to JSON'],
    ['a BigInt inside', { a: { big: 1n } }, 'configuration at big: JSON cannot hold it: found a BigInt'],
    ['no number', { a: { ratio: NaN } }, 'configuration at ratio: JSON cannot hold it: found NaN'],
    ['a date, which JSON makes a text', new Date(0), 'configuration: expected an object, found one whose JSON is a string'],
    ['an object that has no JSON', { toJSON: () => undefined }, 'configuration: expected an object, found one whose JSON is undefined'],
  ])('without a schema: %s is refused', async (_what, config, message) => {
    for (const host of [await withoutSchema(config), await withoutSchema(config, 'process')]) {
      expect(host.explain('crasher')).toMatchObject({ state: 'failed', step: 'init', code: 'ERR_CONFIG', message: `plugin crasher: ${message}` });
      expect(host.explain('crasher')?.hint).toContain('its entry in the config option');
    }
  });

  test('undefined is as if nothing was given', async () => {
    expect((await withoutSchema(undefined)).explain('crasher')?.state).toBe('active');
  });

  test('a plugin without a schema takes any object', async () => {
    let got: unknown;
    const host = await open({ plugins: [plain('a', { init: ({ config }) => void (got = config) })], config: { a: { b: [1] } } });
    expect([host.explain('a')?.state, got]).toEqual(['active', { b: [1] }]);
  });
});

describe('a schema that cannot be used refuses the plugin before it is opened', () => {
  const cases: [string, (plugin: string, schema: string) => void, string][] = [
    ['missing', () => undefined, 'ENOENT'],
    ['a folder', (_plugin, schema) => mkdirSync(schema), 'it is a directory, not a regular file'],
    ['no JSON', (_plugin, schema) => writeFileSync(schema, '{'), 'JSON'],
    ['no JSON Schema', (_plugin, schema) => writeFileSync(schema, '{"type":"strnig"}'), 'type'],
    ['no object', (_plugin, schema) => writeFileSync(schema, '[]'), 'a JSON Schema is an object or a boolean'],
    ['nested too deep', (_plugin, schema) => writeFileSync(schema, `${'{"not":'.repeat(30_000)}{}${'}'.repeat(30_000)}`), 'nested too deep'],
    ['with too long a pattern', (_plugin, schema) => writeFileSync(schema, JSON.stringify({ pattern: 'a'.repeat(5000) })), 'a pattern of 5000 characters'],
    ['too big', (_plugin, schema) => (writeFileSync(schema, '{}'), truncateSync(schema, 262_145)), 'it has more than 262144 bytes'],
  ];
  if (!isWindows) {
    cases.push([
      'outside the folder, by a link',
      (plugin, schema) => {
        writeFileSync(path.join(plugin, '../outside.json'), '{}');
        symlinkSync('../outside.json', schema);
      },
      '',
    ]);
  }
  test.each(cases)('%s', async (_what, make, reason) => {
    const folder = temporaryFolder();
    const plugin = copyFixture('slow-init', folder);
    appendToManifest(plugin, '[config]\nschema = "schema.json"\n');
    make(plugin, path.join(plugin, 'schema.json'));
    const { state, step, message, hint, trace = [] } = (await open({ pluginDirs: [folder] })).explain('slow-init') ?? {};
    expect(state).toBe('refused');
    expect(['manifest', 'trust']).toContain(step);
    expect(message).toContain('plugin slow-init: ');
    expect(message).toContain(reason);
    expect(hint).not.toContain('Correct the configuration'); // it is the plugin's fault
    expect(trace.some((entry) => entry.step === 'open')).toBe(false);
  });
});

describe('reconfigure', () => {
  test('reaches the running plugin, with defaults', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    await host.reconfigure('good-c', { greeting: 'hi' });
    expect(await configOf(host)).toEqual({ greeting: 'hi' });
    await host.reconfigure('good-c', {});
    expect(await configOf(host)).toEqual({ greeting: 'hello' });
  });

  test.each([
    ['the schema', { greeting: 5 }, 'greeting'],
    ['the plugin', { greeting: '' }, ''],
  ])('refused by %s, the old one stays in force, for a later start too', async (_by, bad, key) => {
    const host = await withConfig({ greeting: 'first' });
    await host.reconfigure('good-c', { greeting: 'second' });
    expect(await errorOf(host.reconfigure('good-c', bad))).toMatchObject({ code: 'ERR_CONFIG', pluginId: 'good-c', key });
    expect(await configOf(host)).toEqual({ greeting: 'second' });
    await host.disable('good-c');
    await host.enable('good-c');
    expect(await configOf(host)).toEqual({ greeting: 'second' });
  });

  test('a plugin that is not active gets it when it is enabled', async () => {
    const host = await withConfig({ greeting: '' });
    expect(host.explain('good-c')).toMatchObject({ state: 'failed', code: 'ERR_INIT_FAILED' });
    await host.reconfigure('good-c', { greeting: 'mended' });
    expect(await host.enable('good-c')).toMatchObject({ state: 'active' });
    expect(await configOf(host)).toEqual({ greeting: 'mended' });
  });

  test('a plugin without the extension takes its configuration at init only, and says so', async () => {
    const host = await open({ pluginDirs: [folderOf('slow-init')], plugins: [plain('a')] });
    expect(await errorOf(host.reconfigure('slow-init', { a: 1 }))).toMatchObject({ code: 'ERR_CONFIG', step: 'active', hint: expect.stringContaining('disable, then reconfigure, then enable') });
    expect(await errorOf(host.reconfigure('a', { a: 1 }))).toMatchObject({ code: 'ERR_CONFIG', step: 'active' });
  });

  test('a plugin that does not come back from get_extension has a deadline, and the host goes on', async () => {
    const host = await open({ pluginDirs: [folderOf('extension-hangs')], plugins: [plain('a')], timeouts: { init: 100, shutdown: 5_000 } });
    const [refusal] = await Promise.all([errorOf(host.reconfigure('extension-hangs', {})), host.disable('a')]);
    expect(refusal).toMatchObject({ code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'reconfigure', timeoutMs: 100 });
    expect(await host.close()).toEqual({ ended: ['extension-hangs'], failed: [] });
  });

  test.each(HOMES)('a plugin %s that other calls keep busy past the deadline keeps its configuration, and its calls complete', async (_name, isolation) => {
    const folder = temporaryFolder();
    installBuild(folder, 'keeper-1');
    // Without a sandbox: its tool waits for a file outside its own folders.
    const host = await open({ pluginDirs: [folder], isolation, timeouts: { init: 500 }, sandbox: 'off' });
    const { pid } = host.explain('keeper') ?? {};
    const file = path.join(folder, 'go');
    const blocked = host.find('tool', 'block')?.call({ file });
    expect(await errorOf(host.reconfigure('keeper', {}))).toMatchObject({ code: 'ERR_CONFIG', reason: 'other calls kept the plugin busy for 500 ms', hint: expect.stringContaining('Try again later') });
    writeFileSync(file, '');
    expect(await blocked).toEqual({ release: 1 });
    expect(host.explain('keeper')).toMatchObject({ state: 'active', ...(pid !== undefined && { pid }) });
    // It gets its turn now, and says that it cannot be reconfigured.
    expect(await errorOf(host.reconfigure('keeper', {}))).toMatchObject({ code: 'ERR_CONFIG', reason: expect.stringContaining('only at init') });
  });

  test('in JavaScript: a function, whose refusals are typed and whose silence has a deadline', async () => {
    const got: unknown[] = [];
    const answers = [undefined, Promise.reject(new Error('no')), NEVER];
    answers[1]?.catch(() => undefined);
    const plugin = plain('a', {
      reconfigure(config) {
        got.push(config);
        return answers[got.length - 1];
      },
    });
    const host = await open({ plugins: [plugin], timeouts: { init: 50 } });
    await host.reconfigure('a', { n: 1 });
    expect(await errorOf(host.reconfigure('a', { n: 2 }))).toMatchObject({ code: 'ERR_CONFIG', reason: 'no' });
    expect(await errorOf(host.reconfigure('a', { n: 3 }))).toMatchObject({ code: 'ERR_LIFECYCLE_TIMEOUT' });
    expect(got).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test('an object that is changed afterwards changes nothing', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const config = { greeting: 'hi' };
    await host.reconfigure('good-c', config);
    config.greeting = 'changed';
    await host.disable('good-c');
    await host.enable('good-c');
    expect(await configOf(host)).toEqual({ greeting: 'hi' });
  });

  describe('while its process is being started again', () => {
    const restarting = (firstPauseMs: number): Promise<PluginHost> => killed('restarting', { firstPauseMs, longestPauseMs: firstPauseMs });

    test('it is told when it is back, and each configuration in its turn', async () => {
      const host = await restarting(200);
      const given = ['first', 'second'].map((greeting) => host.reconfigure('good-c', { greeting }));
      await Promise.all(given);
      expect(host.explain('good-c')?.state).toBe('active');
      expect(await configOf(host)).toEqual({ greeting: 'second' });
    });

    test('its refusals are heard: of the schema at once, of the plugin when it is back', async () => {
      const host = await restarting(200);
      expect(await errorOf(host.reconfigure('good-c', { greeting: 5 }))).toMatchObject({ code: 'ERR_CONFIG', key: 'greeting' });
      expect(host.explain('good-c')?.state).toBe('restarting');
      expect(await errorOf(host.reconfigure('good-c', { greeting: '' }))).toMatchObject({ code: 'ERR_CONFIG', key: '' });
      expect(await configOf(host)).toEqual({ greeting: 'hello' });
    });

    test('one that is disabled meanwhile gets it when it is enabled', async () => {
      const host = await restarting(600_000);
      const given = host.reconfigure('good-c', { greeting: 'later' });
      await host.disable('good-c');
      await given;
      expect(await host.enable('good-c')).toMatchObject({ state: 'active' });
      expect(await configOf(host)).toEqual({ greeting: 'later' });
    });

    test('it does not hold up a host that closes', async () => {
      const host = await restarting(600_000);
      const given = errorOf(host.reconfigure('good-c', { greeting: 'never' }));
      expect(await host.close()).toEqual({ ended: ['good-c'], failed: [] });
      expect(await given).toMatchObject({ code: 'ERR_LIFECYCLE_STATE', found: 'closed' });
    });
  });

  test('one that is not started again gets it when it is enabled', async () => {
    const host = await killed('quarantined', { most: 0 });
    await host.reconfigure('good-c', { greeting: 'again' });
    expect(await host.enable('good-c')).toMatchObject({ state: 'active' });
    expect(await configOf(host)).toEqual({ greeting: 'again' });
  });
});
