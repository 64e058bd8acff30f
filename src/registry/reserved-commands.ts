/** Commands that a host probably has itself: no plugin may use their names. */
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
