import { createRequire } from 'node:module';
import path from 'node:path';
import { projectRoot } from './fixtures.js';

/** The program of TypeScript 7's compiler. The package typescript is version 6: see scripts/tsc.mjs. */
export const TSC = path.join(path.dirname(createRequire(path.join(projectRoot, 'package.json')).resolve('typescript-7/package.json')), 'bin/tsc');
