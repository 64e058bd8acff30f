import { resolve } from 'node:path';
import { expandHome } from '../scan/index.js';

/** Where hosts keep what they must know at their next start. */
export const DEFAULT_STATE_DIR = '~/.aisopod/state';

/** A folder in `stateDir`, absolute. Who writes into it makes it, for this user only. */
export const stateFolder = (stateDir: string, name: string): string => resolve(expandHome(stateDir), name);
