import { describe, expect } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../package/run.js';
import { isZig, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { isInstalled } from './cmake.js';
import { includeDir } from './header-text.js';

/**
 * On macOS <stdlib.h> and <string.h> include other headers, so their names (`wait`, `index` …) are taken in every file. With
 * these headers included first, a source that defines such a name fails to compile on other systems too.
 */
const HEADERS = ['pthread.h', 'signal.h', 'stdlib.h', 'string.h', 'strings.h', 'sys/resource.h', 'sys/time.h', 'sys/types.h', 'sys/wait.h', 'unistd.h'];
const NAMES_OF_HEADERS = ['-D_DEFAULT_SOURCE', '-D_POSIX_C_SOURCE=200809L', ...HEADERS.flatMap((header) => ['-include', header])];
/** What CMakeLists.txt defines for single fixtures. */
const DEFINED = ['-DFIXTURE_ID="x"', '-DFIXTURE_ABI=1u', '-DFIXTURE_RELEASE=1', '-DFIXTURE_STATUS=-1'];

/** Built for Linux alone. */
const LINUX_ONLY = `attacker${path.sep}`;

function sourcesIn(folder: string, extension: string): string[] {
  const files = readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith(extension) && !file.startsWith(LINUX_ONLY)).map((file) => path.join(projectRoot, folder, file));
}

function check(compiler: string, standard: string, files: readonly string[], include: readonly string[]): void {
  const folders = [includeDir, ...include].map((folder) => `-I${folder}`);
  run(compiler, [standard, '-fsyntax-only', ...NAMES_OF_HEADERS, ...DEFINED, ...folders, ...files], projectRoot);
}

const onPosix = process.platform !== 'win32';
const testWith = (compiler: string) => testWhere(onPosix && isInstalled(compiler) && !isZig, isZig ? 'Zig: it cannot only check the syntax' : `${compiler} is not installed`);

describe.each(['native-fixtures', 'examples'])('the sources in %s define no name of the system', (folder) => {
  const common = [path.join(projectRoot, folder, 'common')];

  testWith('cc')('C', () => {
    const files = sourcesIn(folder, '.c');
    expect(files).not.toEqual([]);
    check('cc', '-std=c99', files, common);
  });

  testWith('c++')('C++', () => {
    const files = sourcesIn(folder, '.cpp');
    expect(files).not.toEqual([]);
    check('c++', '-std=c++17', files, common);
  });
});

testWith('cc')('a source that defines one is found', () => {
  const file = path.join(temporaryFolder(), 'plugin.c');
  writeFileSync(file, 'typedef struct wait { int status; } wait;\n');
  expect(() => check('cc', '-std=c99', [file], [])).toThrow('wait');
});
