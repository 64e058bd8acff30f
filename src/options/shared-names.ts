/**
 * The options of DynamicPluginLoader, ProcessLoader and PluginRegistry. They are often given one object together, so each
 * ignores the names of the other two.
 */
export const SHARED_NAMES: readonly string[] = [
  'hostVersion',
  'logger',
  // DynamicPluginLoader, ProcessLoader
  'pluginDirs',
  'timeouts',
  'maxPayloadBytes',
  'trust',
  'cacheDir',
  // ProcessLoader
  'memoryLimitBytes',
  'graceMs',
  'heartbeatMs',
  'restart',
  'childEntry',
  'nodePath',
  'debug',
  'poolSize',
  'onCrash',
  'onGiveUp',
  'env',
  'inheritEnv',
  // PluginRegistry
  'dataDir',
  'configOf',
  'mayCall',
  'authorize',
  'reservedCommands',
];
