/**
 * Builds dist/, which is published: three programs of one file each (to read 300 small ones takes longer than to run
 * them), their declarations, and an ES module wrapper that re-exports the package by name. Dependencies stay outside.
 * The package is CommonJS alone, because koffi's types and the host's callbacks are global to the process:
 * if a host imports the package and its dependency requires it, both must get the same objects.
 *
 * Also builds build/modules/, one file for each source, for tests and benchmarks of single modules.
 */
import { buildSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeDraftValidators } from './draft-validators.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = resolve(root, 'dist');
const modules = resolve(root, 'build/modules');
/** The package, the program of a child, and the command. */
const PROGRAMS = { bundle: 'index', 'isolation/child/main': 'isolation/child/main', 'cli/main': 'cli/main' };
const GENERATED = 'schema/generated';
const require = createRequire(import.meta.url);

function compile() {
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  // tsc does not copy JavaScript files.
  cpSync(resolve(root, 'src', GENERATED), resolve(modules, GENERATED), { recursive: true, filter: (file) => !file.endsWith('.d.cts') });
  for (const folder of [dist, modules]) writeFileSync(resolve(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

/** esbuild's helper also visits what a library has added to Object.prototype, and then fails. */
const INHERITED = /for \(var (\w+) in all\)/g;

/** Each program is bundled by itself: a process runs one of them. */
function bundle() {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(PROGRAMS).map(([program, source]) => [program, `src/${source}.ts`])),
    outdir: dist,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    logLevel: 'warning',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replace(INHERITED, 'for (var $1 of Object.keys(all))'), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/**
 * index.js for `require`, and a wrapper for `import`. Both list the names: the wrapper so that it does not export what Node
 * adds (`default`, `module.exports`), and index.js because Node parses the text of a CommonJS file that is imported for the
 * names of its exports, which for the whole bundle takes longer than to run it.
 */
async function writeFace() {
  const names = Object.keys(require(resolve(dist, 'bundle.js'))).sort();
  const lines = (line) => names.map((name) => `${line(name)}\n`).join('');
  writeFileSync(resolve(dist, 'index.js'), `"use strict";\nconst bundle = require('./bundle.js');\n${lines((name) => `exports.${name} = bundle.${name};`)}`);
  const face = resolve(dist, 'esm/index.mjs');
  mkdirSync(resolve(dist, 'esm'));
  writeFileSync(face, `export {\n${lines((name) => `  ${name},`)}} from '../index.js';\n`);
  writeFileSync(resolve(dist, 'esm/index.d.mts'), "export * from '../index.js';\n");
  // Importing the wrapper proves that Node found all names.
  await import(pathToFileURL(face).href);
}

// Empty the folders first: otherwise the output of deleted sources would be published.
for (const folder of [dist, modules]) rmSync(folder, { recursive: true, force: true });
writeDraftValidators(resolve(root, 'src', GENERATED));
compile();
bundle();
await writeFace();
