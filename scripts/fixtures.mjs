/** Builds the test plugins into build/fixtures: `node scripts/fixtures.mjs`, or buildFixtures() from another script. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireToolchain } from './toolchain.mjs';
import { asWrongArchitecture } from './wrong-architecture.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const buildDir = path.join(root, 'build');
const fixturesDir = path.join(buildDir, 'fixtures');

/** Files that no compiler produces: truncated or patched copies of a good library. */
const BROKEN_FILES = {
  'text-as-library': () => Buffer.from('This is text, whatever its name says.\n'),
  'empty-file': () => Buffer.alloc(0),
  truncated: (library) => library.subarray(0, Math.floor(library.length * 0.6)),
  'wrong-architecture': asWrongArchitecture,
};

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n${stdout ?? ''}${stderr ?? ''}`);
}

/** On Windows CMake chooses the generator: Ninja would use the first compiler in PATH. */
function generator() {
  const hasNinja = process.platform !== 'win32' && spawnSync('ninja', ['--version']).status === 0;
  return hasNinja ? ['-G', 'Ninja'] : [];
}

function configure() {
  const isFirst = !existsSync(path.join(buildDir, 'CMakeCache.txt'));
  if (isFirst) requireToolchain();
  run('cmake', ['-S', root, '-B', buildDir, '-DCMAKE_BUILD_TYPE=Release', ...(isFirst ? generator() : [])]);
}

/** In a cross build, the system that scripts/platforms/cross.cmake builds for. */
const platform = { Windows: 'win32', Darwin: 'darwin', Linux: 'linux' }[process.env.AISOPOD_SYSTEM] ?? process.platform;

function libraryFile(name) {
  if (platform === 'win32') return `${name}.dll`;
  return platform === 'darwin' ? `lib${name}.dylib` : `lib${name}.so`;
}

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function writeBrokenFile(name, make) {
  const good = path.join(fixturesDir, 'good-c', libraryFile('good-c'));
  const manifest = path.join(root, 'native-fixtures', name, 'aisopod.plugin.toml');
  const folder = path.join(fixturesDir, name);
  const library = path.join(folder, libraryFile(name));
  mkdirSync(folder, { recursive: true });
  if (modified(library) <= Math.max(modified(good), modified(fileURLToPath(import.meta.url)))) {
    writeFileSync(library, make(readFileSync(good)));
  }
  // Like the build, it writes only what has changed: somebody may be reading it.
  const copy = path.join(folder, 'aisopod.plugin.toml');
  if (!existsSync(copy) || !readFileSync(copy).equals(readFileSync(manifest))) copyFileSync(manifest, copy);
}

/**
 * Builds the fixtures that are out of date.
 * @returns {string} the folder with one plugin folder per fixture
 * @throws {Error} with the output of cmake or of the compiler
 */
export function buildFixtures() {
  configure();
  run('cmake', ['--build', buildDir, '--config', 'Release', '--parallel']);
  for (const [name, make] of Object.entries(BROKEN_FILES)) writeBrokenFile(name, make);
  return fixturesDir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(buildFixtures());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
