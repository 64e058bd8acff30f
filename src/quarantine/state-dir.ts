import { join } from 'node:path';
import { inHome, pathOption } from '../options/folders.js';

/** Where hosts keep what they must know at their next start. */
export const DEFAULT_STATE_DIR = '~/.aisopod/state';

/** `stateDir` or a folder in it, absolute. Who writes into it makes it, for this user only. @throws LoadError ERR_OPTIONS */
export const stateFolder = (stateDir: string | undefined, ...names: readonly string[]): string =>
  join(stateDir === undefined ? inHome('stateDir', '.aisopod', 'state') : pathOption('stateDir', stateDir), ...names);
