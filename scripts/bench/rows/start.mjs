/** From a new process to active plugins. Each sample is a new process, since open libraries stay loaded. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ONE_PLUGIN, TWENTY_PLUGINS } from '../native.mjs';

const FOLDERS = [
  { label: 'one plugin', folder: ONE_PLUGIN },
  { label: 'twenty plugins', folder: TWENTY_PLUGINS },
];

/** Both scripts print their time in nanoseconds, excluding the start of Node and the loading of modules. */
const sample = (script, folder) => async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'start', script), folder]);
  return Number(stdout);
};

export const rows = () =>
  FOLDERS.map(({ label, folder }) => ({
    name: `scan to active, ${label}, against the bare koffi calls`,
    unit: 'ms',
    goal: 1.5,
    samples: { ours: sample('ours.mjs', folder), theirs: sample('bare-koffi.mjs', folder) },
  }));
