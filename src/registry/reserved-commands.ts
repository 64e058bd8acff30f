/** Commands that a host is likely to have of its own: no plugin may take their names. */
export const DEFAULT_RESERVED_COMMANDS: readonly string[] = [
  'help',
  'version',
  'start',
  'stop',
  'restart',
  'status',
  'config',
  'plugin',
  'plugins',
  'login',
  'logout',
  'update',
];
