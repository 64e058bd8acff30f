/**
 * Builds dist/: one CommonJS build, and an ES module face that re-exports it by name.
 * There is one copy of the code, because koffi's types and the host's callbacks are one per process:
 * a host that imports the package while its dependency requires it must get the same objects.
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

/** The names are written out so that the face exports these and nothing of Node's making (`default`, `module.exports`). */
async function writeFace() {
  const names = Object.keys(require(resolve(dist, 'index.js'))).sort();
  const face = resolve(dist, 'esm/index.mjs');
  mkdirSync(resolve(dist, 'esm'));
  writeFileSync(face, `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '../index.js';\n`);
  writeFileSync(resolve(dist, 'esm/index.d.mts'), "export * from '../index.js';\n");
  // Node finds a CommonJS module's names by reading its text; importing the face proves that it found them all.
  await import(pathToFileURL(face).href);
}

// Emptied first: what a deleted source left behind would be published.
rmSync(dist, { recursive: true, force: true });
writeDraftValidators(resolve(root, 'src', GENERATED));
compile();
// tsc leaves out JavaScript.
cpSync(resolve(root, 'src', GENERATED), resolve(dist, GENERATED), { recursive: true, filter: (file) => !file.endsWith('.d.cts') });
await writeFace();
