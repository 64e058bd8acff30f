export { DeadMan, type Blame, type DeadManOptions, type Watched } from './dead-man.js';
export { pluginKey } from './plugin-key.js';
export { Probation, type ProbationOptions, type ThrowAwayLife } from './probation.js';
export { quarantineSurvivors } from './quarantine-survivors.js';
export { Quarantine, type Crash, type QuarantineEntry, type QuarantineOptions } from './quarantine.js';
export { DEFAULT_STATE_DIR, stateFolder } from './state-dir.js';
