import { describe, expect, test } from '@jest/globals';
import { sandboxCheck } from '../../../src/cli/doctor.js';
import { describeSupport, requireSupport } from '../../../src/host/sandbox/support.js';
import { linuxSupport } from '../../../src/isolation/sandbox/probe.js';
import type { PermissionLists } from '../../../src/report/permissions.js';
import { NOTHING } from './sandboxed.js';

const kernel = (landlockAbi: number, canAnswer = false) => linuxSupport({ landlockAbi, hasSeccomp: true, canAnswer });
const where = { pluginId: 'weather' };

const refusedAt = (landlockAbi: number, granted: Partial<PermissionLists>): string | undefined => {
  try {
    requireSupport('require', kernel(landlockAbi), { ...NOTHING, ...granted }, where);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SANDBOX_UNAVAILABLE', pluginId: 'weather' });
    return (error as { expected: string }).expected;
  }
};

describe("what 'require' accepts on older kernels", () => {
  test.each<[number, Partial<PermissionLists>, string | undefined]>([
    [0, {}, 'a sandbox'],
    [0, { listen: [80] }, 'a sandbox that enforces listen'],
    [1, {}, undefined],
    [3, { read: ['/a'], write: ['/b'], env: ['A'], call: ['tool a'] }, undefined],
    [3, { listen: [80] }, 'a sandbox that enforces listen'],
    [4, { listen: [80] }, undefined],
    [4, { connect: ['a:1'] }, 'a sandbox that enforces connect'],
    [6, { connect: ['a:1'], run: ['/bin/sh'], listen: [80] }, undefined],
  ])('Landlock %i with %j', (landlockAbi, granted, expected) => {
    expect(refusedAt(landlockAbi, granted)).toBe(expected);
  });

  test('connections that the host makes are enforced on every kernel that has them', () => {
    expect(() => requireSupport('require', kernel(4, true), { ...NOTHING, connect: ['a:1'] }, where)).not.toThrow();
  });

  test('best effort accepts every kernel', () => {
    expect(() => requireSupport('best-effort', kernel(0), { ...NOTHING, connect: ['a:1'] }, where)).not.toThrow();
  });
});

test('the doctor says what can be required', () => {
  expect(sandboxCheck(kernel(0))).toMatchObject({ name: 'sandbox', status: 'absent', detail: expect.stringMatching(/^sandbox: 'require' refuses every plugin: none: This kernel has no Landlock/) });
  expect(sandboxCheck(kernel(7))).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^Landlock and seccomp \(version 7\); enforced: .*read.*; partly: connect.*; not enforced: none$/) });
  expect(describeSupport(kernel(3))).toMatch(/^Landlock and seccomp \(version 3\): This kernel has version 3/);
});
