/** Native code may leave the thread's floating-point state changed; the host notices and undoes it. */
import koffi from 'koffi';
import { afterEach, describe, expect, test } from '@jest/globals';
import { computesNormally, restoreFloatingPoint } from '../../src/library/floating-point.js';
import { testWhere } from '../support/fixtures.js';

const onLinuxX64 = testWhere(process.platform === 'linux' && process.arch === 'x64', 'the numbers are those of Linux on x64');
/** Linked into the program by node itself. */
const libm = process.platform === 'linux' && process.arch === 'x64' ? koffi.load('libm.so.6') : undefined;
const setRounding = libm?.func('int fesetround(int)') as (mode: number) => number;
const getEnvironment = libm?.func('int fegetenv(void *)') as (at: Buffer) => number;
const setEnvironment = libm?.func('int fesetenv(const void *)') as (at: Buffer) => number;

/** Where MXCSR is in fenv_t, and its bits. */
const MXCSR = 28;
const FLUSH_TO_ZERO = 0x8000;
const DENORMALS_ARE_ZERO = 0x40;

function setControl(bits: number): void {
  const environment = Buffer.alloc(64);
  getEnvironment(environment);
  environment.writeUInt32LE(environment.readUInt32LE(MXCSR) | bits, MXCSR);
  setEnvironment(environment);
}

afterEach(() => {
  restoreFloatingPoint();
});

test('a thread that nobody has changed computes normally', () => {
  expect(computesNormally()).toBe(true);
  expect(restoreFloatingPoint()).toBe(false);
});

describe('what was changed is noticed and undone', () => {
  const changes: [string, () => void][] = [
    ['rounding down', () => setRounding(0x400)],
    ['rounding up', () => setRounding(0x800)],
    ['rounding to zero', () => setRounding(0xc00)],
    ['small results count as 0', () => setControl(FLUSH_TO_ZERO)],
    ['small operands count as 0', () => setControl(DENORMALS_ARE_ZERO)],
  ];
  for (const [name, change] of changes) {
    onLinuxX64(name, () => {
      change();
      // Nothing between the two: jest computes as well.
      const noticed = !computesNormally();
      const undone = restoreFloatingPoint() && computesNormally();
      expect([noticed, undone]).toEqual([true, true]);
    });
  }
});
