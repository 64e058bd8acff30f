export { pluginKey } from './plugin-key.js';
export { Quarantine, type Crash, type QuarantineEntry, type QuarantineOptions } from './quarantine.js';
export { DEFAULT_STATE_DIR } from './state-dir.js';
