import { expect, test } from '@jest/globals';
import { loadersAmong } from '../../../src/isolation/sandbox/own-files.js';

test.each<[string, string[], string[]]>([
  ['glibc', ['/usr/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'], ['/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2']],
  ['musl', ['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6'], ['/lib/ld-musl-x86_64.so.1']],
  ['musl whose loader is a link to its C library', ['/usr/lib/x86_64-linux-musl/libc.so', '/usr/lib/libstdc++.so.6'], ['/usr/lib/x86_64-linux-musl/libc.so']],
  ['glibc beside a library that is named as the C library of musl', ['/opt/libc.so', '/lib/libc.so.6', '/lib/ld-2.31.so'], ['/lib/ld-2.31.so']],
])('a sandboxed process may start again by its loader: %s', (_what, libraries, loaders) => {
  expect(loadersAmong(libraries)).toEqual(loaders);
});
