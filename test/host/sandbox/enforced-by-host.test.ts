/** What the host enforces itself, on every system: variables, calls of other plugins, and the plugin's own folders. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { lockPlugins, writeLock } from '../../../src/trust/index.js';
import { candidateIn } from '../../trust/plugin.js';
import { open, plain } from '../host.js';
import { hostWith, reach } from './sandboxed.js';

const [ASKED, OTHER] = ['AISOPOD_TEST_ASKED', 'AISOPOD_TEST_OTHER'];

afterEach(() => {
  for (const name of [ASKED, OTHER]) Reflect.deleteProperty(process.env, name);
});

const child: Partial<PluginHostOptions> = { isolation: 'process' };
const all: Partial<PluginHostOptions> = { grants: (_candidate, asked) => asked };

describe('variables', () => {
  test('a child gets those that it asks for and is granted', async () => {
    process.env[ASKED] = 'a';
    process.env[OTHER] = 'o';
    const { host } = await hostWith(`env = ["${ASKED}"]`, { ...child, grants: () => ({ env: [ASKED, OTHER] }) });
    expect(await reach(host, 'env', { name: ASKED })).toEqual({ value: 'a' });
    expect(await reach(host, 'env', { name: OTHER })).toEqual({ value: null });
  });

  test('one that is optional and not granted stays away', async () => {
    process.env[ASKED] = 'a';
    const { host } = await hostWith(`[permissions.optional]\nenv = ["${ASKED}"]`, child);
    expect(await reach(host, 'env', { name: ASKED })).toEqual({ value: null });
  });

  test('those that the host gives to every child count as granted', async () => {
    process.env[ASKED] = 'a';
    const { host } = await hostWith(`env = ["${ASKED}", "${OTHER}"]`, { ...child, processes: { inheritEnv: [ASKED], env: { [OTHER]: 'o' } } });
    expect(await reach(host, 'env', { name: ASKED })).toEqual({ value: 'a' });
    expect(await reach(host, 'env', { name: OTHER })).toEqual({ value: 'o' });
  });

  test('a variable that the manifest both requires and asks for is there', async () => {
    const manifest = `env = ["${ASKED}"]\n[requirements]\nenv = ["${ASKED}"]`;
    const missing = await hostWith(manifest, { ...child, ...all });
    expect(missing.host.explain('reacher')).toMatchObject({ state: 'refused', code: 'ERR_REQUIREMENT' });
    process.env[ASKED] = 'a';
    const { host } = await hostWith(manifest, { ...child, ...all });
    expect(await reach(host, 'env', { name: ASKED })).toEqual({ value: 'a' });
  });
});

describe.each<[string, Partial<PluginHostOptions>]>([['in-process', {}], ['in a child', child]])('calls of other plugins, %s', (_home, home) => {
  const others = { plugins: [plain('fetch'), plain('other')] };

  test('those that it asks for and is granted', async () => {
    const { host } = await hostWith('call = ["tool fetch"]', { ...home, ...others, grants: () => ({ call: ['tool *'] }) });
    expect(await reach(host, 'call', { tool: 'fetch' })).toEqual({});
    await expect(reach(host, 'call', { tool: 'other' })).rejects.toThrow(/may not call tool/);
  });

  test('without the permission, none', async () => {
    const { host } = await hostWith('', { ...home, ...others, mayCall: () => true });
    await expect(reach(host, 'call', { tool: 'fetch' })).rejects.toThrow(/may not call tool/);
  });

  test("the host's mayCall still decides", async () => {
    const { host } = await hostWith('call = ["tool *"]', { ...home, ...others, ...all, mayCall: (_caller, _kind, name) => name === 'other' });
    expect(await reach(host, 'call', { tool: 'other' })).toEqual({});
    await expect(reach(host, 'call', { tool: 'fetch' })).rejects.toThrow(/may not call tool/);
  });

  test('without a sandbox, whatever mayCall allows', async () => {
    const { host } = await hostWith('', { ...home, ...others, sandbox: 'off' });
    expect(await reach(host, 'call', { tool: 'fetch' })).toEqual({});
  });
});

describe("a plugin's own folders", () => {
  test('a child has a temporary folder of its own, which ends with it', async () => {
    const { host, dataDir } = await hostWith('', child);
    const { value: temporary } = (await reach(host, 'env', { name: process.platform === 'win32' ? 'TEMP' : 'TMPDIR' })) as { value: string };
    expect(path.dirname(path.dirname(temporary))).toBe(realpathSync(tmpdir()));
    expect(host.explain('reacher')?.sandbox?.granted.write).toEqual([path.join(dataDir, 'reacher'), temporary]);
    expect(await reach(host, 'write', { path: path.join(temporary, 'a') })).toEqual({ error: 0 });
    expect(existsSync(path.join(temporary, 'a'))).toBe(true);
    await host.disable('reacher');
    expect(existsSync(temporary)).toBe(false);
    await host.enable('reacher');
    expect(await reach(host, 'data')).toEqual({ value: path.join(dataDir, 'reacher') });
    await host.close();
    expect(existsSync(host.explain('reacher')?.sandbox?.granted.write[1] ?? temporary)).toBe(false);
  });

  test('one whose plugin fails ends too', async () => {
    const { host } = await hostWith('', child, 'init-fails');
    const { state, sandbox } = host.explain('init-fails') ?? {};
    expect(state).toBe('failed');
    const [, temporary = ''] = sandbox?.granted.write ?? [];
    expect(temporary).not.toBe('');
    expect(existsSync(temporary)).toBe(false);
  });

  test('a plugin that is loaded from a private copy may read the copy', async () => {
    const { host, plugin } = await hostWith('', { ...child, trust: { ownership: 'off' } });
    expect(host.explain('reacher')?.sandbox?.granted.read[0]).toBe(plugin);
    await writeLock(path.join(path.dirname(plugin), 'aisopod-plugins.lock'), await lockPlugins([await candidateIn(plugin)]));

    const locked = await open({ ...child, sandbox: 'best-effort', pluginDirs: [path.dirname(plugin)], trust: { locked: 'require' } });
    expect(locked.explain('reacher')?.state).toBe('active');
    const [own, copies = ''] = locked.explain('reacher')?.sandbox?.granted.read ?? [];
    expect(own).toBe(plugin);
    const { found = '' } = locked.explain('reacher')?.trace.find(({ check }) => check === 'private copy') ?? {};
    expect(found.startsWith(copies)).toBe(true);
    await locked.close();
    expect(existsSync(copies)).toBe(false);
  });
});
