import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';
import { pack } from './run.js';

const { files } = pack();

test.each([
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'package.json',
  'include/aisopod/json.h',
  'include/aisopod/plugin.h',
  'include/aisopod/plugin.hpp',
  'cmake/aisopod-plugin-config.cmake',
  'cmake/aisopod-plugin-config-version.cmake',
  'cmake/aisopod_add_plugin.cmake',
  'templates/common/gitignore',
  'templates/c/kinds/tool.c',
  'templates/cpp/kinds/channel.cpp',
  'templates/rust/kinds/provider.rs',
  'sdk/rust/Cargo.toml',
  'sdk/rust/src/abi.rs',
  'sdk/zig/src/abi.zig',
  'sdk/go/go.mod',
  'sdk/go/bridge.c',
  'templates/zig/build.zig',
  'templates/go/kinds/hook.go',
  'schemas/manifest.json',
  'schemas/BeforeToolExecute.json',
  'schemas/chat-request.json',
  'dist/package.json',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/esm/index.mjs',
  'dist/esm/index.d.mts',
  'dist/mcp/index.js',
  'dist/mcp/index.d.ts',
  'dist/esm/mcp.mjs',
  'dist/esm/mcp.d.mts',
  'dist/isolation/child/main.js',
  'dist/cli/main.js',
])('the package contains %s', (file) => {
  expect(files).toContain(file);
});

/** Links of a page to other files, as paths from the package's root. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(projectRoot, page), 'utf8').replace(/```[^]*?```/g, '');
  const targets = [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
  return targets.map((target) => path.posix.join(path.posix.dirname(page), target));
}

const isPacked = (target: string): boolean => files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`));

test('the package contains every file that its documents link to', () => {
  const pages = files.filter((file) => file.endsWith('.md'));
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/hosts.md', 'docs/errors.md']));
  const missing = pages.flatMap((page) => linksOf(page).filter((target) => !isPacked(target)).map((target) => `${page}: ${target}`));
  expect(missing).toEqual([]);
});

test('the package contains every document, example and header that a message, hint or document names', () => {
  const texts = files.filter((file) => /\.(?:m?js|md|cmake|h)$/.test(file));
  // Not inside a longer path: `node_modules/x/include/y.h` is another package's.
  const named = texts.flatMap((file) => readFileSync(path.join(projectRoot, file), 'utf8').match(/(?<![\w/.-])(?:docs|examples|include|cmake)\/[\w/.-]*\w/g) ?? []);
  expect(named).toEqual(expect.arrayContaining(['docs/abi.md', 'include/aisopod/plugin.h']));
  expect(named.filter((target) => !isPacked(target))).toEqual([]);
});

test('the package contains nothing else than its build, headers, the CMake package, schemas, the kits, templates, examples and documents', () => {
  const expected = /^(dist|include|cmake|docs|schemas|sdk|templates|examples)\/|^(README\.md|LICENSE|(?:CHANGELOG|CONTRIBUTING)\.md|package\.json)$/;
  expect(files.filter((file) => !expected.test(file))).toEqual([]);
});

test('each program of the build is one file, and loads another only to check a schema: reading many small ones takes longer than running them', () => {
  const programs = ['dist/bundle.js', 'dist/cli/main.js', 'dist/cli/validate/child.js', 'dist/esm/index.mjs', 'dist/esm/mcp.mjs', 'dist/index.js', 'dist/isolation/child/main.js', 'dist/isolation/sandbox/launcher.js', 'dist/mcp/index.js'];
  const loadedLater = ['dist/schema/2020-12.cjs', 'dist/schema/draft-07.cjs'];
  expect(files.filter((file) => /^dist\/.*\.[cm]?js$/.test(file)).sort()).toEqual([...programs, ...loadedLater].sort());
});

test('the build contains JavaScript, declarations and the licence of what it includes: no tests, sources or source maps', () => {
  const built = files.filter((file) => file.startsWith('dist/') && file !== 'dist/package.json' && file !== 'dist/zod.LICENSE');
  expect(files).toContain('dist/zod.LICENSE');
  expect(built.filter((file) => /\.test\.|test\//.test(file) || !/\.(js|cjs|mjs|d\.ts|d\.mts)$/.test(file))).toEqual([]);
});
