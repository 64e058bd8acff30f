import { describe, expect, test } from '@jest/globals';
import { featuresOfOther } from '../../../src/isolation/sandbox/probe-program.js';
import { linuxSupport, sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { linuxSandbox } from './linux-sandbox.js';
import { testWhere } from '../../support/fixtures.js';

const NEWEST = 7;

describe('what a kernel can enforce', () => {
  test.each(Array.from({ length: NEWEST + 1 }, (_, abi) => abi))('with version %i of Landlock', (landlockAbi) => {
    const { level, keys, reason, kernelAbi } = linuxSupport({ landlockAbi, hasSeccomp: true, canAnswer: false });
    expect(kernelAbi).toBe(landlockAbi);
    expect(level).toBe(landlockAbi === 0 ? 'none' : landlockAbi < 6 ? 'partly' : 'full');
    expect(keys.read).toBe(landlockAbi === 0 ? 'declared' : 'enforced');
    expect(keys.listen).toBe(landlockAbi === 0 ? 'declared' : landlockAbi < 4 ? 'partly' : 'enforced');
    expect(keys.connect).toBe(landlockAbi === 0 ? 'declared' : 'partly');
    expect(linuxSupport({ landlockAbi, hasSeccomp: true, canAnswer: true }).keys.connect).toBe(landlockAbi === 0 ? 'declared' : 'enforced');
    expect(reason === undefined).toBe(level === 'full');
  });

  test('without filters of system calls there is no sandbox', () => {
    expect(linuxSupport({ landlockAbi: NEWEST, hasSeccomp: false, canAnswer: true })).toMatchObject({ level: 'none', kernelAbi: NEWEST, keys: { write: 'declared', env: 'enforced' } });
  });

  const { level, reason: problem = '' } = linuxSandbox();
  testWhere(level !== 'none', problem)('another process that asks finds out the same', () => {
    expect(linuxSupport(featuresOfOther())).toEqual(sandboxSupport());
  });

  test('this system: the same answer each time, and a reason if it is not full', () => {
    const support = sandboxSupport();
    expect(sandboxSupport()).toBe(support);
    expect(support.reason === undefined).toBe(support.level === 'full');
  });
});
