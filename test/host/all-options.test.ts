/** Every option of everything that takes options is checked by name and kind before any of it is used. */
import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import {
  checkVersionCompatibility, definePlugin, DynamicPluginLoader, entryBytes, ERROR_TABLE, expandHome, formatLock, hostTarget, libraryFilename, lockPlugins, parseLock, parseManifest, PluginHost, PluginRegistry, ProcessLoader, readLock, readManifest, refusalOf, signEntry,
  signPlugin, triage, verifyAgainstLock, verifyEntry, verifyPlugin, writeLock, type Candidate, type PluginHostOptions,
} from '../../src/index.js';
import { discover } from '../../src/scan/index.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';
import { open } from './host.js';

type Loose = Readonly<Record<string, unknown>>;

const FOLDER = 'the path of a folder (not empty, no NUL, no URL)';

/** The error of an open host, which must not have made its folders. */
async function refusal(options: unknown) {
  const own = temporaryFolder();
  const folders = { dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state'), pluginDirs: [folderOf('good-c')], hostVersion: '1.0.0' };
  const error = await errorOf(PluginHost.open({ ...folders, ...(options as object) }));
  expect(readdirSync(own)).toEqual([]);
  return error;
}

describe('a value of the wrong kind is a typed error that names the option', () => {
  const processes = (given: Loose): Loose => ({ processes: given });
  test.each<[string, unknown, string, string]>([
    ['pluginDirs', 5, 'an array of folder paths', '5'],
    ['pluginDirs', './plugins', 'an array of folder paths', "'./plugins'"],
    ['pluginDirs', new Set(['a']), 'an array of folder paths', "Set(1) { 'a' }"],
    ['pluginDirs[0]', [5], FOLDER, '5'],
    ['pluginDirs[1]', ['a', ''], FOLDER, "''"],
    ['pluginDirs[0]', [null], FOLDER, 'null'],
    ['pluginDirs[0]', [undefined], FOLDER, 'undefined'],
    ['pluginDirs[0]', ['a\0b'], FOLDER, "'a\\x00b'"],
    ['pluginDirs[0]', ['file:///tmp'], FOLDER, "'file:///tmp'"],
    ['dataDir', 5, FOLDER, '5'],
    ['dataDir', '', FOLDER, "''"],
    ['stateDir', 'a\0b', FOLDER, "'a\\x00b'"],
    ['cacheDir', null, FOLDER, 'null'],
    ['logger', 5, 'an object', '5'],
    ['logger', null, 'an object', 'null'],
    ['logger.info', { info: 'yes' }, 'a method', "'yes'"],
    ['config', 5, 'an object by plugin id', '5'],
    ['config', new Map(), 'an object by plugin id', 'Map(0) {}'],
    ['disabled', 'good-c', 'an array of plugin ids', "'good-c'"],
    ['disabled[0]', [5], 'a plugin id', '5'],
    ['plugins', {}, 'an array of plugins', '{}'],
    ['plugins[0]', [null], 'a plugin (see definePlugin)', 'null'],
    ['plugins[0].id', [{}], 'a string that is not empty', 'undefined'],
    ['plugins[1].init', [definePlugin({ id: 'a', register: () => undefined }), { id: 'b', meta: {}, register: () => undefined }], 'a method', 'undefined'],
    ['mayCall', 5, 'a function', '5'],
    ['authorize', true, 'a function', 'true'],
    ['onState', 'x', 'a function', "'x'"],
    ['reservedCommands', 'help', 'an array of command names', "'help'"],
    ['reservedCommands[0]', [''], 'a command name', "''"],
    ['hostVersion', 5, 'a version such as 1.0.0', '5'],
    ['hostVersion', undefined, 'a version such as 1.0.0', 'undefined'],
    ['trust', 5, 'an object', '5'],
    ['timeouts', [], 'an object', '[]'],
    ['quarantine', 5, 'an object', '5'],
    ['quarantine', true, 'an object', 'true'],
    ['watch', 5, 'true, false or { pollMs }', '5'],
    ['watch', null, 'true, false or { pollMs }', 'null'],
    ['watch.pollMs', { pollMs: 0 }, 'milliseconds, more than 0 (Infinity: never)', '0'],
    ['processes', 5, 'an object', '5'],
    ['sandbox', 'on', "'off', 'best-effort' or 'require'", "'on'"],
    ['sandbox', true, "'off', 'best-effort' or 'require'", 'true'],
    ['grants', { read: 1 }, 'a function', '{ read: 1 }'],
    ['isolation', { process: 'a', proces: 'b' }, "'process', 'in-process' or { process: 'name' }", "{ process: 'a', proces: 'b' }"],
  ])('%s: %p', async (option, given, expected, found) => {
    const name = option.replace(/[.[].*/, '');
    expect(await refusal({ [name]: given })).toMatchObject({ name: 'LoadError', code: 'ERR_OPTIONS', option, expected, found });
  });

  test('a promise, whose rejection is handled', async () => {
    const refused = { code: 'ERR_OPTIONS', option: 'trust', expected: 'an object', found: 'a promise' };
    expect(await refusal({ trust: Promise.reject(new Error('late')) })).toMatchObject(refused);
  });

  test.each<[string, Loose, string]>([
    ['processes.childEntry', { childEntry: 5 }, '5'],
    ['processes.debug', { debug: 1 }, '1'],
    ['processes.onCrash', { onCrash: 5 }, '5'],
    ['processes.env', { env: 5 }, '5'],
    ['processes.env.A', { env: { A: 5 } }, 'a value of type number'],
    ['processes.env.A', { env: { A: 'secret\0' } }, 'a value of type string'],
    ['processes.env.A=B', { env: { 'A=B': 'x' } }, "'A=B'"],
    ['processes.inheritEnv', { inheritEnv: 'A' }, "'A'"],
    ['processes.inheritEnv[0]', { inheritEnv: ['A=B'] }, "'A=B'"],
    ['processes.restart', { restart: 5 }, '5'],
  ])('%s: %j', async (option, given, found) => {
    expect(await refusal(processes(given))).toMatchObject({ code: 'ERR_OPTIONS', option, found });
  });

  test('the name of a variable is refused in words of this package', async () => {
    expect(await refusal(processes({ env: { 'A=B': 'x' } }))).toMatchObject({ expected: 'the name of an environment variable' });
  });

  test.each<[string, Loose, string]>([
    ['allow', { allow: 'p' }, "'p'"],
    ['deny[0]', { deny: [''] }, "''"],
    ['allowOutside', { allowOutside: 'no' }, "'no'"],
    ['locked', { locked: true }, 'true'],
    ['lockFile', { lockFile: '' }, "''"],
    ['keys', { keys: 'x' }, "'x'"],
    ['keys[0]', { keys: [{ secret: 1 }] }, 'a value of type object'],
    ['copyDir', { copyDir: 5 }, '5'],
  ])('trust.%s: %j', async (option, trust, found) => {
    expect(await refusal({ trust })).toMatchObject({ code: 'ERR_TRUST_OPTIONS', step: 'trust', option, found });
  });

  test.each([undefined, null, 5, 'x', []])('all options: %j', async (options) => {
    const loose = options as unknown as PluginHostOptions;
    const refused = { code: 'ERR_OPTIONS', option: 'options', expected: 'an object' };
    expect(await errorOf(PluginHost.open(loose))).toMatchObject(refused);
    for (const Class of [DynamicPluginLoader, ProcessLoader, PluginRegistry]) {
      expect(() => new Class(loose)).toThrow(expect.objectContaining(refused));
    }
  });
});

describe('an unknown name is an error that names the nearest known one', () => {
  test.each<[Loose, string, string | undefined]>([
    [{ pluginDir: ['x'] }, 'pluginDir', 'pluginDirs'],
    [{ timeouts: { inti: 5 } }, 'timeouts.inti', 'init'],
    [{ processes: { restart: { max: 5 } } }, 'processes.restart.max', undefined],
    [{ processes: { inheritEnvs: [] } }, 'processes.inheritEnvs', 'inheritEnv'],
    [{ quarantine: { expireMs: 5 } }, 'quarantine.expireMs', 'expiryMs'],
    [{ watch: { pollMS: 5 } }, 'watch.pollMS', 'pollMs'],
    [{ dissabled: undefined }, 'dissabled', 'disabled'],
    [{ configOf: () => ({}) }, 'configOf', 'config'],
    [{ graceMs: 5 }, 'graceMs', undefined],
  ])('%p', async (options, option, nearest) => {
    const error = await refusal(options);
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', option, found: 'an unknown name' });
    expect((error as { nearest?: string }).nearest).toBe(nearest);
    if (nearest !== undefined) expect(error.hint).toContain(`Did you mean ${nearest}?`);
  });

  test('in trust', async () => {
    expect(await refusal({ trust: { signature: 'require' } })).toMatchObject({ code: 'ERR_TRUST_OPTIONS', option: 'signature', nearest: 'signatures' });
    expect(await refusal({ trust: { pubKeys: [] } })).toMatchObject({ code: 'ERR_TRUST_OPTIONS', option: 'pubKeys', nearest: 'keys' });
  });

  test('in an object where trust expects a word', async () => {
    for (const option of ['ownership', 'locked', 'signatures']) {
      expect(await refusal({ trust: { [option]: { pubKeys: [] } } })).toMatchObject({
        code: 'ERR_TRUST_OPTIONS',
        option,
        expected: 'off, warn or require',
        found: 'an object with the unknown name pubKeys',
        nearest: 'keys',
      });
    }
    const bad = await refusal({ trust: { signatures: { pubKeys: [] } } });
    expect(`${bad.message}\n${bad.hint}`).toMatch(/unknown name pubKeys[\s\S]*keys\?/);
  });

  test('of loaders and registries', () => {
    for (const Class of [DynamicPluginLoader, ProcessLoader, PluginRegistry]) {
      expect(() => new Class({ hostVersion: '1.0.0', isolation: 'process' } as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option: 'isolation' }));
      expect(() => new Class({ hostVersion: '1.0.0', logr: console } as never)).toThrow(expect.objectContaining({ option: 'logr', nearest: 'logger' }));
    }
  });

  test('of a hook to dispatch, and of a kind of capability', async () => {
    const host = await open();
    const error = await errorOf(host.dispatch('BeforeAgentRn' as never, {}));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', option: 'hook', found: "'BeforeAgentRn'", nearest: 'BeforeAgentRun' });
    expect(() => host.find('tools' as never, 'x')).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option: 'kind', nearest: 'tool' }));
  });
});

describe('what is read, and how often', () => {
  test('options that throw when they are looked at', async () => {
    const fail = (): never => {
      throw new Error('revoked');
    };
    const options = new Proxy({}, { get: fail, has: fail, ownKeys: fail }) as PluginHostOptions;
    expect(await errorOf(PluginHost.open(options))).toMatchObject({ code: 'ERR_OPTIONS', option: 'options', cause: { message: 'revoked' } });
    for (const Class of [DynamicPluginLoader, ProcessLoader, PluginRegistry]) expect(() => new Class(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    expect(await refusal({ config: options })).toMatchObject({ code: 'ERR_OPTIONS' });
  });

  test('getters, and members of a class, once', async () => {
    const reads: string[] = [];
    class Options {
      hostVersion = '1.0.0';
      get pluginDirs() {
        reads.push('pluginDirs');
        return [folderOf('good-c')];
      }
      get trust() {
        reads.push('trust');
        return { deny: ['good-c'] };
      }
      get [String('dataDir')]() {
        return path.join(temporaryFolder(), 'data');
      }
      stateDir = path.join(temporaryFolder(), 'state');
    }
    const host = await PluginHost.open(new Options());
    expect(host.explain('good-c')).toMatchObject({ code: 'ERR_DENIED_BY_POLICY' });
    await host.close();
    expect(reads.sort()).toEqual(['pluginDirs', 'trust']);
  });

  test('objects without a prototype, and of another realm', async () => {
    const bare = Object.assign(Object.create(null) as object, { deny: ['good-c'] });
    const realm = runInNewContext("({ timeouts: { init: 5000 }, disabled: ['good-cpp'] })") as Partial<PluginHostOptions>;
    const host = await open({ ...realm, pluginDirs: [folderOf('good-c', 'good-cpp')], trust: bare });
    expect(host.report().map(({ id, state }) => [id, state])).toEqual([['good-c', 'refused'], ['good-cpp', 'disabled']]);
    const foreign = runInNewContext('({ hostVersion: "1.0.0", pluginDirs: ["a"], nope: 1 })') as PluginHostOptions;
    expect(await errorOf(PluginHost.open(foreign))).toMatchObject({ code: 'ERR_OPTIONS', option: 'nope' });
  });

  test('no unknown member of Object.prototype', async () => {
    const polluted = Object.prototype as { nonsense?: unknown };
    try {
      polluted.nonsense = 1;
      const host = await open({ pluginDirs: [folderOf('good-c')], trust: {} });
      expect(host.explain('good-c')?.state).toBe('active');
    } finally {
      delete polluted.nonsense;
    }
  });

  test('a getter that throws is named', async () => {
    const options = { get cacheDir(): string { throw new Error('no'); } };
    expect(await errorOf(PluginHost.open(Object.defineProperties({ hostVersion: '1.0.0' }, Object.getOwnPropertyDescriptors(options)) as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'cacheDir' });
  });

  test('what the host does with its options later changes nothing', async () => {
    const disabled = ['good-c'];
    const host = await open({ pluginDirs: [folderOf('good-c')], disabled });
    disabled.pop();
    await host.rescan();
    expect(host.explain('good-c')?.state).toBe('disabled');
  });
});

test('a folder scan checks its options too', async () => {
  expect(await errorOf(discover({ pluginDirs: './x' } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'pluginDirs' });
  expect(await errorOf(discover({} as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'pluginDirs', found: 'undefined' });
});

test('keys of the wrong kind are typed errors, and are not shown', () => {
  const entry = { id: 'a', version: '1.0.0', platform: 'all', files: [] };
  const { publicKey } = generateKeyPairSync('ed25519');
  expect(() => signEntry(entry, 5 as never)).toThrow(expect.objectContaining({ code: 'ERR_KEY', use: 'sign', found: 'a value of type number' }));
  expect(() => verifyEntry(entry, 'x', publicKey as never)).toThrow(expect.objectContaining({ code: 'ERR_KEY', use: 'verify' }));
  expect(ERROR_TABLE.ERR_TRUST_OPTIONS.step).toBe('trust');
});

describe('exported functions check their arguments', () => {
  const entry = { id: 'a', version: '1.0.0', platform: 'all', files: [] };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const lock = { lockVersion: 1, plugins: [entry] } as const;
  const candidate = async (): Promise<Candidate> => {
    const [found] = (await discover({ pluginDirs: [folderOf('good-c')] })).candidates;
    if (found === undefined) throw new Error('no candidate');
    return found;
  };
  const file = 'plugin/aisopod.plugin.toml';
  const notOne = { id: 'a', path: '/a' } as never;

  test.each<[string, string, string | undefined, () => unknown]>([
    ['parseManifest', 'hostversion', 'hostVersion', () => parseManifest('', { hostversion: '1.0.0' } as never)],
    ['parseManifest', 'options', undefined, () => parseManifest('', null as never)],
    ['parseManifest', 'text', undefined, () => parseManifest(5 as never)],
    ['parseManifest', 'path', undefined, () => parseManifest('', { path: 5 } as never)],
    ['readManifest', 'hostVersio', 'hostVersion', () => readManifest(file, { hostVersio: '1.0.0' } as never)],
    ['readManifest', 'path', undefined, () => readManifest(file, { path: 'x' } as never)],
    ['readManifest', 'options', undefined, () => readManifest(file, '1.0.0' as never)],
    ['triage', 'path', undefined, () => triage(undefined as never)],
    ['triage', 'target.architecture', undefined, () => triage(file, { ...hostTarget(), architecture: 'x64' } as never)],
    ['triage', 'target.Arch', 'arch', () => triage(file, { ...hostTarget(), Arch: 'x64' } as never)],
    ['triage', 'target.abi', undefined, () => triage(file, { ...hostTarget(), abi: undefined } as never)],
    ['lockPlugins', 'allowOutsid', 'allowOutside', () => lockPlugins([], { allowOutsid: true } as never)],
    ['lockPlugins', 'previous', undefined, () => lockPlugins([], { previous: [] } as never)],
    ['lockPlugins', 'candidates', undefined, () => lockPlugins('good-c' as never)],
    ['lockPlugins', 'candidates[1].manifest', undefined, async () => lockPlugins([await candidate(), notOne])],
    ['verifyAgainstLock', 'candidate', undefined, () => verifyAgainstLock(undefined as never, lock, 'x')],
    ['verifyAgainstLock', 'lock', undefined, async () => verifyAgainstLock(await candidate(), 'x' as never, 'x')],
    ['verifyAgainstLock', 'lockFile', undefined, async () => verifyAgainstLock(await candidate(), lock, undefined as never)],
    ['verifyAgainstLock', 'allowOutside', undefined, async () => verifyAgainstLock(await candidate(), lock, 'x', { allowOutside: true } as never)],
    ['signPlugin', 'candidate.manifest', undefined, () => signPlugin(notOne, privateKey)],
    ['verifyPlugin', 'candidate', undefined, () => verifyPlugin('good-c' as never, [publicKey])],
    ['loadPlugin', 'candidate', undefined, () => new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [] }).loadPlugin(undefined as never)],
    ['loadPlugin in a child', 'candidate.manifest', undefined, () => new ProcessLoader({ hostVersion: '1.0.0' }).loadPlugin(notOne)],
    ['checkVersionCompatibility', 'manifest', undefined, () => checkVersionCompatibility({} as never, '1.0.0')],
    ['checkVersionCompatibility', 'manifest', undefined, () => checkVersionCompatibility(undefined as never, '1.0.0')],
    ['expandHome', 'path', undefined, () => expandHome(5 as never)],
    ['libraryFilename', 'name', undefined, () => libraryFilename(undefined as never)],
    ['refusalOf', 'triage', undefined, () => refusalOf(undefined as never)],
    ['refusalOf', 'triage', undefined, () => refusalOf({} as never)],
    ['entryBytes', 'entry.id', undefined, () => entryBytes(undefined as never)],
    ['entryBytes', 'entry.files', undefined, () => entryBytes({ ...entry, files: [{ path: 'a' }] } as never)],
    ['signEntry', 'entry.files', undefined, () => signEntry({ ...entry, files: 5 } as never, privateKey)],
    ['verifyEntry', 'entry.version', undefined, () => verifyEntry({ ...entry, version: 1 } as never, '', [publicKey])],
    ['verifyEntry', 'signature', undefined, () => verifyEntry(entry, undefined as never, [publicKey])],
    ['formatLock', 'lock', undefined, () => formatLock(undefined as never)],
    ['formatLock', 'lock.plugins[1].id', undefined, () => formatLock({ lockVersion: 1, plugins: [entry, {}] } as never)],
    ['parseLock', 'text', undefined, () => parseLock(undefined as never)],
    ['readLock', 'path', undefined, () => readLock(Object.create(null) as never)],
    ['writeLock', 'path', undefined, () => writeLock(5 as never, lock)],
    ['writeLock', 'lock', undefined, () => writeLock(path.join(temporaryFolder(), 'lock'), {} as never)],
    ['find', 'name', undefined, () => new PluginRegistry({ hostVersion: '1.0.0', dataDir: temporaryFolder() }).find('tool', Symbol('x') as never)],
    ['explain', 'candidate', undefined, () => new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [] }).explain(null as never)],
  ])('%s: %s', async (_what, option, nearest, run) => {
    const error = await errorOf(Promise.resolve().then(run));
    expect(error).toMatchObject({ name: 'LoadError', code: 'ERR_OPTIONS', option, ...(nearest !== undefined && { nearest }) });
  });

  test('an id that is not a string', async () => {
    const host = await open();
    for (const run of [() => host.disable(Symbol('x') as never), () => host.enable(undefined as never), () => host.reconfigure({} as never, {})]) {
      expect(await errorOf(run())).toMatchObject({ code: 'ERR_OPTIONS', option: 'id' });
    }
  });

  const register = (): void => undefined;
  test.each<[string, string | undefined, unknown]>([
    ['plugin', undefined, undefined],
    ['plugin.id', undefined, { register }],
    ['plugin.regsiter', 'register', { id: 'a', regsiter: register }],
    ['plugin.register', undefined, { id: 'a' }],
    ['plugin.shutDown', 'shutdown', { id: 'a', register, shutDown: register }],
    ['plugin.other', undefined, { id: 'a', register, other: 1 }],
    ['plugin.init', undefined, { id: 'a', register, init: true }],
    ['plugin.meta', undefined, { id: 'a', register, meta: '1.0.0' }],
    ['plugin.meta.versoin', 'version', { id: 'a', register, meta: { versoin: '1.0.0' } }],
    ['plugin.declared', undefined, { id: 'a', register, declared: [] }],
  ])('definePlugin: %s', (option, nearest, definition) => {
    expect(() => definePlugin(definition as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option, ...(nearest !== undefined && { nearest }) }));
  });

  test('the definition of a plugin may be an object of a class, with members of its own', () => {
    class Weather {
      readonly id = 'weather';
      readonly cities = ['Graz'];
      register = register;
    }
    expect(definePlugin(new Weather()).id).toBe('weather');
    expect(() => definePlugin(Object.assign(new Weather(), { Init: register }))).toThrow(expect.objectContaining({ option: 'plugin.Init', nearest: 'init' }));
  });
});

describe('loaders and the registry refuse each an option that they do not take', () => {
  test.each<[string, string, (options: never) => unknown]>([
    ['DynamicPluginLoader', 'graceMs', (options) => new DynamicPluginLoader(options)],
    ['DynamicPluginLoader', 'dataDir', (options) => new DynamicPluginLoader(options)],
    ['ProcessLoader', 'pluginDirs', (options) => new ProcessLoader(options)],
    ['ProcessLoader', 'mayCall', (options) => new ProcessLoader(options)],
    ['PluginRegistry', 'trust', (options) => new PluginRegistry(options)],
    ['PluginRegistry', 'timeouts', (options) => new PluginRegistry(options)],
  ])('%s: %s', (_what, option, make) => {
    expect(() => make({ hostVersion: '1.0.0', [option]: undefined } as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option, found: 'an unknown name' }));
  });

  test('the nearest name is given', () => {
    expect(() => new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDir: [] } as never)).toThrow(expect.objectContaining({ option: 'pluginDir', nearest: 'pluginDirs' }));
    expect(() => new ProcessLoader({ hostVersion: '1.0.0', gracems: 5 } as never)).toThrow(expect.objectContaining({ option: 'gracems', nearest: 'graceMs' }));
    expect(() => new PluginRegistry({ hostVersion: '1.0.0', reservedCommand: [] } as never)).toThrow(expect.objectContaining({ option: 'reservedCommand', nearest: 'reservedCommands' }));
  });
});

test('a registry refuses what is not a plugin', async () => {
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: temporaryFolder() });
  expect(await errorOf(registry.register(undefined as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'plugin' });
  expect(await errorOf(registry.register({ id: 'a' } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'plugin.meta' });
});
