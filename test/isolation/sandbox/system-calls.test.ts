import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { LAST_SYSTEM_CALL, systemCallsOf } from '../../../src/isolation/sandbox/system-calls.js';
import { UNKNOWN_CALLS } from '../../../src/isolation/sandbox/trace/calls.js';
import { testWhere } from '../../support/fixtures.js';

const X64 = ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/include/asm/unistd_64.h'].find((path) => existsSync(path));
/** arm64 uses the numbers that the kernel has for all new processors. */
const ARM64 = ['/usr/include/asm-generic/unistd.h'].find((path) => existsSync(path));

/** The numbers of a header. Some have a name with a prefix, and get their own by a second definition. */
function numbersIn(header: string): ReadonlyMap<string, number> {
  const defined = new Map<string, string>();
  for (const [, name = '', value = ''] of readFileSync(header, 'utf8').matchAll(/^#define __NR_?(\w+)\s+(?:__NR_?)?(\w+)/gm)) if (!defined.has(name)) defined.set(name, value);
  const resolve = (value: string | undefined): number => (value === undefined ? -1 : /^\d+$/.test(value) ? Number(value) : resolve(defined.get(value)));
  return new Map([...defined].map(([name, value]) => [name, resolve(value)]));
}

describe('the numbers of system calls', () => {
  testWhere(X64 !== undefined, "needs the kernel's headers for x64")('are those of the headers for x64', () => {
    const header = numbersIn(X64!);
    for (const [name, number] of Object.entries(systemCallsOf('x64'))) expect([name, number]).toEqual([name, header.get(name) ?? -1]);
  });

  testWhere(ARM64 !== undefined, "needs the kernel's headers")('are those of the headers for arm64', () => {
    const header = numbersIn(ARM64!);
    for (const [name, number] of Object.entries(systemCallsOf('arm64'))) expect([name, number]).toEqual([name, onArm64(header, name)]);
  });

  testWhere(X64 !== undefined && ARM64 !== undefined, "needs the kernel's headers")('and so are those that only have names for reports', () => {
    const [x64, arm64] = [numbersIn(X64!), numbersIn(ARM64!)];
    for (const [name, [onX64, other]] of Object.entries(UNKNOWN_CALLS)) expect([name, onX64, other]).toEqual([name, x64.get(name) ?? -1, arm64.get(name) ?? -1]);
  });

  test.each(['x64', 'arm64'] as const)('are all different, and none is later than the list (%s)', (architecture) => {
    const numbers = Object.values(systemCallsOf(architecture)).filter((number) => number >= 0);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(LAST_SYSTEM_CALL);
  });
});

/** `stat` and `lstat` are in the header for processors that want them; arm64 does not. */
const onArm64 = (header: ReadonlyMap<string, number>, name: string): number => (name === 'stat' || name === 'lstat' ? -1 : (header.get(name) ?? -1));
