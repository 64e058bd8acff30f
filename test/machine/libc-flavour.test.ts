import { expect, test } from '@jest/globals';
import { libcAmong } from '../../src/machine/libc-flavour.js';
import { librariesIn } from '../../src/machine/mapped-libraries.js';

/** Lines as in /proc/self/maps. */
const maps = (...paths: string[]): string =>
  [...paths.flatMap((path) => ['r--p', 'r-xp'].map((mode, part) => `7f00${part}0000000-7f00${part}0001000 ${mode} 00000000 08:01 123  ${path}`)), '7ffd0000-7ffd1000 rw-p 00000000 00:00 0  [stack]'].join('\n');

test.each<[string, string[], string, string]>([
  ['glibc', ['/usr/bin/node', '/usr/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'], 'glibc', '/usr/lib/x86_64-linux-gnu/libc.so.6'],
  ['glibc before 2.34', ['/usr/bin/node', '/lib/x86_64-linux-gnu/libc-2.31.so'], 'glibc', '/lib/x86_64-linux-gnu/libc-2.31.so'],
  ['glibc that has opened a library named as the C library of musl', ['/opt/libc.so', '/lib/libc.so.6'], 'glibc', '/lib/libc.so.6'],
  ['musl', ['/usr/bin/node', '/lib/ld-musl-x86_64.so.1'], 'musl', '/lib/ld-musl-x86_64.so.1'],
  ['musl whose loader is a link to libc.so', ['/usr/bin/node', '/usr/lib/x86_64-linux-musl/libc.so'], 'musl', '/usr/lib/x86_64-linux-musl/libc.so'],
  ['musl whose loader is a link to a file with the processor in its name', ['/usr/bin/node', '/lib/libc.musl-aarch64.so.1'], 'musl', '/lib/libc.musl-aarch64.so.1'],
])('the C library of a process: %s', (_what, paths, flavour, path) => {
  expect(libcAmong(librariesIn(maps(...paths)))).toEqual({ flavour, path });
});

test('a process that is linked statically has none', () => {
  expect(libcAmong(librariesIn(maps('/usr/bin/node', '/opt/plugin/libplugin.so')))).toBeUndefined();
});
