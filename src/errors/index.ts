export { asPluginError, internalError } from './as-plugin-error.js';
export { inPlugin } from './in-plugin.js';
export { processEndOf, type AttributedEnd, type Ending, type ProcessEnd } from './process-end.js';
export { MACHINE_HINTS, type MachineCause } from './machine-cause.js';
export { permissionAdvice } from './permission-advice.js';
export { nearest } from './nearest.js';
export { adviceFor, ioAdvice, ioError, type FileUse } from './io-error.js';
export { messageOf } from './message-of.js';
export { systemCode } from './system-code.js';
export { STEPS, type Step } from './step.js';
export type { ErrorEntry, Mismatch } from './entry.js';
export type { Called } from './invocation-errors.js';
export { manifestLine, type ManifestProblem } from './load-errors.js';
export {
  ERROR_TABLE,
  InvocationError,
  LifecycleError,
  LoadError,
  PluginError,
  type ErrorCode,
  type ErrorContext,
  type ErrorFields,
  type InvocationErrorCode,
  type LifecycleErrorCode,
  type LoadErrorCode,
} from './plugin-error.js';
