import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { linuxSandbox } from './linux-sandbox.js';
import { testWhere } from '../../support/fixtures.js';
import { errorOf } from '../../support/host.js';
import { loadIn, openIn } from '../homes.js';

const testSandbox = testWhere(linuxSandbox().level !== 'none', linuxSandbox().reason ?? '');

const statusOf = (pid: number | undefined, key: string): string | undefined =>
  new RegExp(`^${key}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1];

describe.each(['process', 'socket'] as const)('a plugin in a sandbox (%s)', (home) => {
  testSandbox('opens, answers calls and ends as without one', async () => {
    const host = await openIn(home, ['good-c'], { grants: {} });
    const answer = await host.tool('echo').call({ text: 'inside' });
    expect(JSON.stringify(answer)).toContain('inside');
    const { pid, transport } = host.remote('good-c');
    expect(transport).toBe(home === 'socket' ? 'socket' : 'shared memory');
    expect(statusOf(pid, 'NoNewPrivs')).toBe('1');
    expect(statusOf(pid, 'Seccomp')).toBe('2');
    expect(statusOf(pid, 'Seccomp_filters')).toBe('2');
    expect(statusOf(pid, 'CapBnd')).toBe(statusOf(pid, 'CapEff'));
    expect(Number(statusOf(pid, 'CapEff'))).toBe(0);
    await host.remote('good-c').shutdown();
    expect(host.remote('good-c').state).toBe('retired');
  });
});

test('a plugin is not sandboxed unless that is asked for', async () => {
  const host = await openIn('process', ['good-c'], { grants: false });
  if (process.platform === 'linux') expect(statusOf(host.remote('good-c').pid, 'Seccomp_filters') ?? '0').toBe(statusOf(process.pid, 'Seccomp_filters') ?? '0');
});

testSandbox('the error of a sandbox that cannot be set up says why', async () => {
  const error = await errorOf(loadIn('process', 'good-c', { grants: { listen: [70_000] } })); // no kernel accepts this port
  expect(error).toMatchObject({ code: 'ERR_CHILD_PROCESS', pluginId: 'good-c', cause: expect.objectContaining({ code: 'ERR_CHILD_PROCESS' }) });
  expect(error.message).toMatch(/before it was ready: Error: landlock_add_rule failed: EINVAL/);
});
