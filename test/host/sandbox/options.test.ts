import { describe, expect, test } from '@jest/globals';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { NOTHING, hostWith } from './sandboxed.js';

type Loose = Partial<PluginHostOptions>;
const MODES = "'off', 'best-effort' or 'require'";

test("'off' checks no permissions", async () => {
  const { host } = await hostWith('listen = [80]', { sandbox: 'off' });
  expect(host.explain('reacher')).toMatchObject({ state: 'active', permissions: { ...NOTHING, listen: [80] } });
  expect(host.explain('reacher')).not.toHaveProperty('sandbox');
});

test('a function decides for each plugin', async () => {
  const seen: string[] = [];
  const { host } = await hostWith('', { sandbox: ({ id, manifest }) => (seen.push(`${id} ${manifest.plugin.version}`), 'best-effort') });
  expect(seen).toEqual(['reacher 1.0.0']);
  expect(host.explain('reacher')?.sandbox?.mode).toBe('best-effort');
});

test("'require' refuses a plugin of the host's process, and asks nobody", async () => {
  const asked: unknown[] = [];
  const { host } = await hostWith('listen = [80]', { sandbox: 'require', isolation: 'in-process', grants: (_candidate, lists) => (asked.push(lists), lists) });
  expect(host.explain('reacher')).toMatchObject({
    state: 'refused',
    code: 'ERR_SANDBOX_UNAVAILABLE',
    step: 'trust',
    message: expect.stringContaining("cannot be sandboxed: expected a sandbox, found none: The plugin runs in the host's process"),
    hint: expect.stringContaining("isolation: 'process'"),
  });
  expect(host.explain('reacher')?.trace.filter(({ step }) => step === 'open')).toEqual([]);
  expect(asked).toEqual([]);
});

test("in the host's process the host refuses calls, and everything else is declared only", async () => {
  const { host } = await hostWith('');
  const keys = { read: 'declared', write: 'declared', connect: 'declared', listen: 'declared', run: 'declared', env: 'declared', call: 'enforced' };
  expect(host.explain('reacher')?.sandbox).toMatchObject({ level: 'none', mechanism: 'none', kernelAbi: 0, keys, reason: expect.stringContaining("host's process") });
});

describe('an unusable value refuses that plugin', () => {
  const throwing = (): never => {
    throw new Error('boom');
  };
  test.each<[string, Loose, string, string, string]>([
    ['sandbox', { sandbox: (() => 'on') as never }, 'sandbox', MODES, "'on'"],
    ['sandbox that throws', { sandbox: throwing }, 'sandbox', MODES, 'an error: boom'],
    ['a promise of a mode', { sandbox: (() => Promise.resolve('off')) as never }, 'sandbox', MODES, 'a promise'],
    ['grants that throw', { grants: throwing }, 'grants', 'an object with lists', 'an error: boom'],
    ['grants that reject', { grants: () => Promise.reject(new Error('boom')) }, 'grants', 'an object with lists', 'an error: boom'],
    ['grants of nothing', { grants: (() => undefined) as never }, 'grants', 'an object with lists', 'undefined'],
    ['an unknown list', { grants: () => ({ reed: [] }) as never }, 'grants', 'an object with lists', "'reed'"],
    ['a list that is none', { grants: () => ({ read: '/' }) as never }, 'grants.read', 'an array of strings', "'/'"],
    ['a wrong item', { grants: () => ({ listen: ['80'] }) as never }, 'grants.listen', 'an array of ports', "[ '80' ]"],
  ])('%s', async (_what, options, option, expected, found) => {
    const { host } = await hostWith('listen = [80]', options);
    expect(host.explain('reacher')).toMatchObject({ state: 'refused', code: 'ERR_OPTIONS' });
    expect(host.explain('reacher')?.message).toContain(`option ${option}: expected ${expected}`);
    expect(host.explain('reacher')?.message).toContain(`found ${found}`);
  });
});

test('a promise of grants is awaited', async () => {
  const { host } = await hostWith('listen = [80]', { grants: async () => Promise.resolve({ listen: [80] }) });
  expect(host.explain('reacher')?.sandbox?.granted.listen).toEqual([80]);
});
