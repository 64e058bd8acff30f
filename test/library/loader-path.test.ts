/** Which paths a system's loader takes as they are. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isMapped, loaderPathProblem, openLibraryCall, openLibrary } from '../../src/library/index.js';
import { copyFixture, libraryFileName, temporaryFolder } from '../support/fixtures.js';

test.each(['/plugins/weather/libweather.so', '/plugins/with space/ünï/lib.so', '/plugins/trailing dot./lib .so', '/a:b/@rpath/lib.so'])('Linux: %s', (path) => {
  expect(loaderPathProblem(path, 'linux')).toBeUndefined();
});

test.each(['$ORIGIN', '${ORIGIN}', '$LIB', '${PLATFORM}', '$PLATFORM', 'cash$', '$'])('Linux: a folder %s', (name) => {
  expect(loaderPathProblem(`/plugins/${name}/lib.so`, 'linux')).toContain('"$"');
  expect(loaderPathProblem(`/plugins/p/lib${name}.so`, 'freebsd')).toContain('"$"');
});

test.each(['lib.so', './lib.so', '@rpath/lib.dylib', '@executable_path/lib.dylib', '@loader_path/lib.dylib', ''])('relative: %s', (path) => {
  expect(loaderPathProblem(path, 'darwin')).toBe('a relative path');
  expect(loaderPathProblem(path, 'linux')).toBe('a relative path');
});

test('macOS expands no $', () => expect(loaderPathProblem('/plugins/$ORIGIN/lib.dylib', 'darwin')).toBeUndefined());

test.each(['linux', 'darwin', 'win32'] as const)('%s: nothing after a NUL is lost', (platform) => {
  expect(loaderPathProblem('/plugins/p\0/lib.so', platform)).toContain('NUL');
});

test.each(['C:\\plugins\\weather\\weather.dll', '\\\\server\\share$\\weather\\weather.dll', 'c:\\$LIB\\a b\\.hidden\\console\\w.dll'])('Windows: %s', (path) => {
  expect(loaderPathProblem(path, 'win32')).toBeUndefined();
});

test.each([
  'C:\\plugins\\weather.\\weather.dll',
  'C:\\plugins\\weather \\weather.dll',
  'C:\\plugins\\weather\\weather.dll.',
  'C:\\plugins\\nul\\weather.dll',
  'C:\\plugins\\Aux.d\\weather.dll',
  'C:\\plugins\\weather\\com1 .dll',
  '\\\\?\\C:\\plugins\\weather\\weather.dll',
  '\\\\.\\C:\\weather.dll',
  'C:/plugins/weather.dll',
  'C:weather.dll',
  '\\weather.dll',
  'weather.dll',
])('Windows does not take %s as it is', (path) => {
  expect(loaderPathProblem(path, 'win32')).toBeDefined();
});

const refused = expect.objectContaining({ code: 'ERR_LIBRARY_PATH' });

test('what would be rewritten does not reach the loader', () => {
  for (const path of ['/plugins/p\0/lib.so', 'lib.so']) {
    expect(() => openLibrary(path, { prefersOwnNames: true })).toThrow(refused);
    expect(() => openLibraryCall(path, { prefersOwnNames: true })).toThrow(refused);
    expect(() => isMapped(path)).toThrow(refused);
  }
});

test('a library that is mapped is known', () => {
  // A copy: another test file of this process may have opened the fixture itself.
  const path = join(copyFixture('own-deflate', temporaryFolder()), libraryFileName('own-deflate'));
  expect(isMapped(path)).toBe(false);
  openLibrary(path, { prefersOwnNames: true });
  expect(isMapped(path)).toBe(true);
});
