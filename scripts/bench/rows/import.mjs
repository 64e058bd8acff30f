/** Importing the package. Each sample is a new process. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const script = join(import.meta.dirname, '..', 'start', 'import.mjs');
const sample = (...modules) => async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...modules]);
  return Number(stdout);
};

export const rows = () => [
  {
    name: 'import of the package, against its dependencies',
    unit: 'ms',
    goal: 1.1,
    samples: { ours: sample('aisopod-plugin'), theirs: sample('koffi', 'zod', 'ajv', 'ajv/dist/2020.js', 'semver', '@iarna/toml') },
  },
];
