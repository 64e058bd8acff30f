import { STARTED_AS_CHILD } from '../wire/host-in-child.js';
import { PROTOCOL_FD } from '../wire/messages.js';

/** The variables that a child inherits. Never all of them: hosts keep API keys in their environment. */
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

/** Many Windows programs do not work without these. */
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
  /** Names of more variables that a child inherits, in addition to the usual ones: PATH, HOME, locale, TMPDIR and similar. */
  readonly inheritEnv?: readonly string[];
}

/** The environment of a child. */
export const childEnvironment = (options: EnvironmentOptions, isWindows?: boolean): NodeJS.ProcessEnv => ({
  ...programEnvironment(options, isWindows),
  [STARTED_AS_CHILD]: String(PROTOCOL_FD),
});

/** The environment of another program. On Windows the case of names does not matter: `env: { path }` takes the place of `PATH`. */
export function programEnvironment({ env = {}, inheritEnv = [] }: EnvironmentOptions, isWindows = process.platform === 'win32'): NodeJS.ProcessEnv {
  const fold = (name: string): string => (isWindows ? name.toUpperCase() : name);
  const wanted = new Set([...INHERITED, ...(isWindows ? INHERITED_ON_WINDOWS : []), ...inheritEnv].map(fold));
  // The host's flags must not apply to the child: a debugger port, a TypeScript loader, a heap limit.
  wanted.delete('NODE_OPTIONS');
  const replaced = new Set(Object.keys(env).map(fold));
  const isInherited = (name: string): boolean => (wanted.has(fold(name)) || name.startsWith('LC_')) && !replaced.has(fold(name));
  const inherited = Object.entries(process.env).filter(([name]) => isInherited(name));
  return {
    ...Object.fromEntries(inherited),
    // Makes Electron run the child as Node.
    ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    ...env,
  };
}
