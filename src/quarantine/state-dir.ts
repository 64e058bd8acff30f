import { join } from 'node:path';
import { inHome, pathOption } from '../options/folders.js';

/** Where hosts keep state between runs. */
export const DEFAULT_STATE_DIR = '~/.aisopod/state';

/** The absolute path of `stateDir` or of a folder in it. The writer creates it, for this user only. @throws LoadError ERR_OPTIONS */
export const stateFolder = (stateDir: string | undefined, ...names: readonly string[]): string =>
  join(stateDir === undefined ? inHome('stateDir', '.aisopod', 'state') : pathOption('stateDir', stateDir), ...names);
