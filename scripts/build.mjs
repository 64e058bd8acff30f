/**
 * Builds dist/: one CommonJS build, and an ES module wrapper that re-exports it by name.
 * There is only one copy of the code, because koffi's types and the host's callbacks are global to the process:
 * if a host imports the package and its dependency requires it, both must get the same objects.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeDraftValidators } from './draft-validators.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = resolve(root, 'dist');
const GENERATED = 'schema/generated';
const require = createRequire(import.meta.url);

function compile() {
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(resolve(dist, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Lists the names explicitly, so that the wrapper does not export what Node adds (`default`, `module.exports`). */
async function writeFace() {
  const names = Object.keys(require(resolve(dist, 'index.js'))).sort();
  const face = resolve(dist, 'esm/index.mjs');
  mkdirSync(resolve(dist, 'esm'));
  writeFileSync(face, `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '../index.js';\n`);
  writeFileSync(resolve(dist, 'esm/index.d.mts'), "export * from '../index.js';\n");
  // Node detects the exports of a CommonJS module by parsing its text. Importing the wrapper proves that it found them all.
  await import(pathToFileURL(face).href);
}

// Empty dist/ first: otherwise the output of deleted sources would be published.
rmSync(dist, { recursive: true, force: true });
writeDraftValidators(resolve(root, 'src', GENERATED));
compile();
// tsc does not copy JavaScript files.
cpSync(resolve(root, 'src', GENERATED), resolve(dist, GENERATED), { recursive: true, filter: (file) => !file.endsWith('.d.cts') });
await writeFace();
