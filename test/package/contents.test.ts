import { expect, test } from '@jest/globals';
import { pack } from './run.js';

const { files } = pack();

test.each([
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'package.json',
  'include/aisopod/plugin.h',
  'cmake/aisopod-plugin-config.cmake',
  'cmake/aisopod-plugin-config-version.cmake',
  'cmake/aisopod_add_plugin.cmake',
  'dist/package.json',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/esm/index.mjs',
  'dist/esm/index.d.mts',
])('the package contains %s', (file) => {
  expect(files).toContain(file);
});

test('the package contains nothing else than its build, the header, the CMake package and four documents', () => {
  const expected = /^(dist|include|cmake)\/|^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
  expect(files.filter((file) => !expected.test(file))).toEqual([]);
});

test('the build contains JavaScript and declarations alone: no tests, sources or source maps', () => {
  const built = files.filter((file) => file.startsWith('dist/') && file !== 'dist/package.json');
  expect(built.filter((file) => /\.test\.|test\//.test(file) || !/\.(js|mjs|d\.ts|d\.mts)$/.test(file))).toEqual([]);
});
