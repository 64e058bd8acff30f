export { CrashMarkers, type CrashMarkerOptions, type InterruptedStep, type MarkedPlugin } from './crash-markers.js';
export { pluginKey } from './plugin-key.js';
export { Probation, type ProbationOptions, type TrialRun } from './probation.js';
export { quarantineInterrupted } from './quarantine-interrupted.js';
export { Quarantine, type Crash, type QuarantineEntry, type QuarantineOptions } from './quarantine.js';
export { DEFAULT_STATE_DIR, stateFolder } from './state-dir.js';
