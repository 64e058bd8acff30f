/** From a new process to active plugins. Each sample is a new process, since open libraries stay loaded. */
import { ONE_PLUGIN, TWENTY_PLUGINS } from '../native.mjs';
import { nanosecondsIn } from '../start/run.mjs';

const FOLDERS = [
  { label: 'one plugin', folder: ONE_PLUGIN },
  { label: 'twenty plugins', folder: TWENTY_PLUGINS },
];

/** Both scripts measure without the start of Node and the loading of modules. */
export const rows = () =>
  FOLDERS.map(({ label, folder }) => ({
    name: `scan to active, ${label}`,
    unit: 'ms',
    isSampled: true,
    ours: nanosecondsIn('ours.mjs', folder),
    against: [{ what: 'the bare koffi calls', goal: 1.5, run: nanosecondsIn('bare-koffi.mjs', folder) }],
  }));
