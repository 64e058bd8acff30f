/**
 * The compiler of TypeScript 7, a native program that needs a quarter of the processor time: `node scripts/tsc.mjs --noEmit`. It has no
 * API yet. What needs one (ESLint, jest, typedoc, the tests of types) uses the package typescript, version 6.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript-7/package.json')), 'bin/tsc');

if (process.argv[1] === import.meta.filename) {
  process.exitCode = spawnSync(process.execPath, [TSC, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
}
