import { STARTED_AS_CHILD } from '../wire/host-in-child.js';
import { PROTOCOL_FD } from '../wire/messages.js';

/** What a child gets of the host's environment. Never all of it: that is where a host keeps its API keys. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
];

/** Windows programs fail in odd ways without these. */
const INHERITED_ON_WINDOWS = [
  'SYSTEMROOT',
  'WINDIR',
  'SYSTEMDRIVE',
  'COMSPEC',
  'PATHEXT',
  'USERNAME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
];

export interface EnvironmentOptions {
  /** Variables that every child gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of the host's variables that a child gets beside the usual: PATH, HOME, locale, TMPDIR and the like. */
  readonly inheritEnv?: readonly string[];
}

/** The whole environment of a child. `poolSize`: its threads for native code. */
export function childEnvironment({ env = {}, inheritEnv = [] }: EnvironmentOptions, poolSize: number): NodeJS.ProcessEnv {
  const isWindows = process.platform === 'win32';
  const fold = (name: string): string => (isWindows ? name.toUpperCase() : name);
  const wanted = new Set([...INHERITED, ...(isWindows ? INHERITED_ON_WINDOWS : []), ...inheritEnv].map(fold));
  // The host's flags are none of the child's: a debugger's port, a loader of TypeScript, a limit of the heap.
  wanted.delete('NODE_OPTIONS');
  const inherited = Object.entries(process.env).filter(([name]) => wanted.has(fold(name)) || name.startsWith('LC_'));
  return {
    ...Object.fromEntries(inherited),
    // In Electron the program that runs is Electron.
    ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    ...env,
    UV_THREADPOOL_SIZE: String(poolSize),
    [STARTED_AS_CHILD]: String(PROTOCOL_FD),
  };
}
