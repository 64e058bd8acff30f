import { expect, test } from '@jest/globals';
import { uptime } from 'node:os';
import { bootId, isThisBoot } from '../../src/machine/boot.js';

test('what was written since the machine was started is of this boot', () => {
  expect(isThisBoot(bootId())).toBe(true);
  expect(isThisBoot('')).toBe(false);
});

test('without an id of the system, the time of the start tells boots apart', () => {
  expect(isThisBoot(bootId('win32'), 'win32')).toBe(true);
  const start = Date.now() / 1000 - uptime();
  expect(isThisBoot(String(start + 30), 'win32')).toBe(true);
  expect(isThisBoot(String(start - 600), 'win32')).toBe(false);
  expect(isThisBoot('of another system', 'win32')).toBe(false);
});
