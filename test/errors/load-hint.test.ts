import { expect, test } from '@jest/globals';
import { LoadError } from '../../src/errors/index.js';

const hintFor = (reason: string): string => new LoadError('ERR_LIBRARY_LOAD', { reason }).hint;

test.each([
  ["/usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /p/libp.so)", /older C\+\+ compiler.*GLIBCXX_3\.4\.32/],
  ["/lib/libc.so.6: version `GLIBC_2.38' not found (required by /p/libdep.so)", /system as old as this one.*GLIBC_2\.38/],
  ["/lib/libfoo.so.1: version `FOO_2' not found (required by /p/libp.so)", /FOO_2/],
  ['/p/libp.so: cannot allocate memory in static TLS block', /-ftls-model=initial-exec/],
  ['/p/libp.so: failed to map segment from shared object', /noexec/],
  ['/p/libp.so: failed to map segment from shared object: Operation not permitted', /noexec/],
  ['/p/libp.so: cannot open shared object file: Too many open files', /ulimit -n/],
  ['/p/libp.so: cannot enable executable stack as shared object requires: Invalid argument', /noexecstack/],
  ['/p/libdep.so: wrong ELF class: ELFCLASS32', /build of the plugin for this system/],
  ["dlopen(/p/libp.dylib, 0x0006): tried: '/p/libp.dylib' (code signature in <1F2E> '/p/libp.dylib' not valid for use in process: mapped file has no cdhash, completely unsigned? Code has to be at least ad-hoc signed.)", /codesign --force --sign -/],
  ["dlopen(/p/libp.dylib, 0x0006): tried: '/p/libp.dylib' (code signature in <1F2E> '/p/libp.dylib' not valid for use in process: mapping process and mapped file (non-platform) have different Team IDs)", /same Team ID.*disable-library-validation/],
  ["dlopen(/p/libp.dylib, 0x0006): tried: '/p/libp.dylib' (code signature in <1F2E> '/p/libp.dylib' not valid for use in process: library load disallowed by system policy)", /xattr -d com\.apple\.quarantine/],
])('%s', (reason, hint) => {
  expect(hintFor(reason)).toMatch(hint);
});

test("anything else points at the system's words", () => {
  expect(hintFor('something new')).toContain("operating system's message");
});

test('a symbol of a sanitizer is not a library to link with', () => {
  expect(new LoadError('ERR_UNDEFINED_SYMBOL', { symbol: '__asan_init', reason: 'undefined symbol: __asan_init' }).hint).toContain('without -fsanitize');
});
