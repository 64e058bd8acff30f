/** Commands that a host probably has itself: no plugin may use their names. The same as in aisopod. */
export const DEFAULT_RESERVED_COMMANDS: readonly string[] = [
  // about the program
  'help', 'version', 'info', 'about', 'license', 'completions', 'doctor', 'diagnose', 'debug', 'trace', 'profile', 'benchmark',
  // its life and its settings
  'init', 'start', 'stop', 'restart', 'status', 'log', 'logs', 'config', 'env', 'get', 'set', 'reset',
  // what is installed
  'plugin', 'plugins', 'install', 'uninstall', 'update', 'upgrade', 'enable', 'disable', 'list', 'show',
  // things in general
  'create', 'new', 'delete', 'remove', 'clear', 'clean', 'purge', 'export', 'import', 'backup', 'restore', 'migrate',
  // talking and running
  'chat', 'send', 'receive', 'connect', 'disconnect', 'run', 'exec', 'shell', 'repl',
  // secrets
  'login', 'logout', 'auth', 'token', 'key', 'secret',
  // development
  'test', 'check', 'validate', 'lint', 'format', 'build', 'deploy', 'publish', 'release', 'tag',
  'branch', 'commit', 'push', 'pull', 'fetch', 'clone', 'diff', 'merge', 'rebase', 'stash', 'pop', 'apply', 'patch',
];
