/** What a host does that names no level. */
import { expect, test } from '@jest/globals';
import { supportFor } from '../../../src/host/sandbox/support.js';
import { linuxSandbox } from '../../isolation/sandbox/linux-sandbox.js';
import { testWhere } from '../../support/fixtures.js';
import { keepingLogger } from '../host.js';
import { hostWith, reach } from './sandboxed.js';

const { level, reason = '' } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason);
const EACCES = 13;

/** Nobody named it. */
const unnamed = { sandbox: undefined } as object;

testSandbox('a plugin in a child reaches its own folders only', async () => {
  const { host } = await hostWith('', { ...unnamed, isolation: 'process' });
  expect(host.explain('reacher')?.sandbox).toMatchObject({ mode: 'best-effort', level });
  expect(await reach(host, 'read', { path: '/etc/passwd' })).toEqual({ error: EACCES });
});

test('a plugin that requires something is refused until the host grants it', async () => {
  const refused = await hostWith('listen = [80]', { ...unnamed, isolation: 'process' });
  expect(refused.host.explain('reacher')).toMatchObject({ state: 'refused', code: 'ERR_PERMISSION_DENIED' });
  const { host } = await hostWith('listen = [80]', { ...unnamed, isolation: 'process', grants: (_candidate, asked) => asked });
  expect(host.explain('reacher')?.state).toBe('active');
});

test("a plugin in the host's process runs as before, only the report says that nothing restricts it", async () => {
  const { lines, logger } = keepingLogger();
  const { host } = await hostWith('', { ...unnamed, logger });
  expect(host.explain('reacher')).toMatchObject({ state: 'active', sandbox: { mode: 'best-effort', level: 'none', reason: expect.stringContaining("host's process") } });
  expect(await reach(host, 'env', { name: 'PATH' })).toEqual({ value: process.env.PATH });
  expect(lines.filter(({ level: kind }) => kind !== 'debug')).toEqual([]);
});

test('macOS and Windows restrict a plugin only if the host asks for it', () => {
  const place = { mode: 'best-effort', isDefault: true, isolation: 'process', limitsCalls: true } as const;
  for (const system of ['darwin', 'win32'] as const) {
    const keys = { read: 'declared', write: 'declared', connect: 'declared', listen: 'declared', run: 'declared', env: 'enforced', call: 'enforced' };
    expect(supportFor(place, system)).toMatchObject({ level: 'none', keys, reason: expect.stringContaining('on Linux only') });
    expect(supportFor({ ...place, isDefault: false }, system).reason ?? '').not.toContain('on Linux only');
  }
});
