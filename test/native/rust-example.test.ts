import { describe, expect } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readLibraryFile } from '../../src/triage/read-library.js';
import { run } from '../package/run.js';
import { libraryFileName, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { build, isInstalled } from './cmake.js';

const RULES = path.join(projectRoot, 'examples/hash/rust-plugin.cmake').replaceAll(path.sep, '/');

/** Configures a cross build with the example alone. CMake cross-compiles if the system is given. */
function configureCross(options: readonly string[]): { readonly built: string; readonly printed: string; readonly library: string } {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'CMakeLists.txt'), `cmake_minimum_required(VERSION 3.16...4.0)\nproject(cross LANGUAGES NONE)\ninclude("${RULES}")\n`);
  const built = path.join(folder, 'build');
  const printed = run('cmake', ['-S', folder, '-B', built, '-DCMAKE_SYSTEM_NAME=Linux', ...options], folder);
  return { built, printed, library: path.join(built, 'examples/hash', libraryFileName('hash')) };
}

const canBuild = process.platform === 'linux' && isInstalled('rustc');

describe('the Rust example in a cross build', () => {
  testWhere(canBuild, 'rustc on Linux is not installed')('is skipped with a message, so that no library for this machine is taken for the other', () => {
    const { built, printed, library } = configureCross([]);
    expect(printed).toContain('The example hash is skipped: cross-compiling for Linux needs -DRUST_TARGET=');
    build(built);
    expect(existsSync(library)).toBe(false);
  });

  testWhere(canBuild, 'rustc on Linux is not installed')('is built for RUST_TARGET', async () => {
    const [, target = ''] = /^host: (.+)$/m.exec(run('rustc', ['-vV'], projectRoot)) ?? [];
    const { built, library } = configureCross([`-DRUST_TARGET=${target}`]);
    build(built);
    expect(await readLibraryFile(library, process.arch)).toMatchObject({ format: 'elf', arch: process.arch });
    const other = configureCross(['-DRUST_TARGET=no-such-target']);
    expect(() => { build(other.built); }).toThrow('no-such-target');
  });
});
