/** Memory that processes share: sealed, given back, and not left to other programs. */
import { describe, expect } from '@jest/globals';
import { closeSync, readFileSync } from 'node:fs';
import { koffi } from '../../../src/library/koffi-settings.js';
import { createSharedMemory, mapSharedMemory } from '../../../src/library/index.js';
import { testWhere } from '../../support/fixtures.js';
import { canShare, twoViews } from './memory.js';

const test = testWhere(canShare, 'memory is shared on Linux, x64 and arm64');
const SIZE = 1 << 20;

describe('shared memory', () => {
  test('is the same for both, and takes no memory where it is not used', () => {
    const [one, other] = twoViews();
    const words = new Int32Array(one.view(4096, 8));
    words[0] = 42;
    expect(new Int32Array(other.view(4096, 4))[0]).toBe(42);
    const rss = /^Rss:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/smaps', 'utf8').split(`${one.address.toString(16)}-`)[1] ?? '')?.[1];
    expect(Number(rss)).toBeLessThan(64);
    one.release();
    other.release();
  });

  test('is sealed: nobody can make it smaller or larger, or take the seal off', () => {
    const fd = createSharedMemory(SIZE)!;
    const libc = koffi.load(null);
    const ftruncate = libc.func('ftruncate', 'int', ['int', 'int64_t']) as (fd: number, size: number) => number;
    const fcntl = libc.func('fcntl', 'int', ['int', 'int', 'int']) as (...args: number[]) => number;
    expect([ftruncate(fd, 4096), ftruncate(fd, 2 * SIZE), fcntl(fd, 1033, 8)]).toEqual([-1, -1, -1]);
    closeSync(fd);
  });

  test('reads as zeros after it was given back, and addresses stay valid', () => {
    const [one, other] = twoViews();
    const view = new Uint8Array(one.view(0, 8));
    view[3] = 5;
    one.release();
    expect([...view]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(new Uint8Array(other.view(0, 8))[3]).toBe(5);
    other.release();
    const lines = readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.startsWith(`${one.address.toString(16)}-`));
    expect(lines.filter((line) => line.includes('memfd'))).toEqual([]);
  });

  test('gives back the memory of some pages to the system, for both', () => {
    const [one, other] = twoViews();
    new Uint8Array(one.view(0, 8192)).fill(1);
    one.discard(0, 4096);
    const seen = new Uint8Array(other.view(0, 8192));
    expect([seen[0], seen[4096]]).toEqual([0, 1]);
    one.release();
    other.release();
  });

  test('that the system does not allow is none', () => {
    expect(createSharedMemory(-1)).toBeUndefined();
    const fd = createSharedMemory(SIZE)!;
    expect(mapSharedMemory(fd, 2 ** 50)).toBeUndefined();
    closeSync(fd);
  });
});
