/** Importing the package. Each sample is a new process. */
import { nanosecondsIn } from '../start/run.mjs';

const OURS = ['aisopod-plugin'];
const DEPENDENCIES = ['koffi', 'zod', 'ajv', 'ajv/dist/2020.js', 'semver', '@iarna/toml'];

export const rows = () => [
  {
    name: 'import of the package',
    unit: 'ms',
    isSampled: true,
    ours: nanosecondsIn('import.mjs', ...OURS),
    against: [{ what: 'its dependencies', goal: 1.1, run: nanosecondsIn('import.mjs', ...DEPENDENCIES) }],
  },
];
