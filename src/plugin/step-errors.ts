import { LifecycleError, PluginError, messageOf, processEndOf, type ErrorContext, type ProcessEnd } from '../errors/index.js';
import { stepRow, type LifecycleOperation } from './lifecycle-table.js';

/** The errors that a lifecycle step ends with. Each is built only here. */

/** The plugin reported a failure. `status` is the name of a status of the header. */
export function stepFailed(operation: LifecycleOperation, { status, reason }: { readonly status: string; readonly reason: string }, where: ErrorContext): LifecycleError {
  const { error, step } = stepRow(operation);
  const context = { ...where, step: where.step ?? step };
  if (error === 'ERR_CONFIG') return new LifecycleError(error, { key: '', reason }, context);
  if (error === 'ERR_HANDOVER_FAILED') return new LifecycleError(error, { operation, status, reason }, context);
  return new LifecycleError(error, { status, reason }, context);
}

/** What a step threw, as a typed error: a plugin in JavaScript may throw anything. */
export function stepFailure(operation: LifecycleOperation, thrown: unknown, pluginId: string | undefined): PluginError {
  if (thrown instanceof PluginError) return thrown;
  return stepFailed(operation, { status: 'FAILED', reason: messageOf(thrown) }, { pluginId, cause: thrown });
}

export const stepTimedOut = (operation: string, timeoutMs: number, stillRunning: boolean, where: ErrorContext): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation, timeoutMs, stillRunning }, where);

/** The plugin was not called, since no thread was free. */
export const stepNotStarted = (operation: string, timeoutMs: number, where: ErrorContext): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation, timeoutMs, stillRunning: false, waited: true }, where);

/** `operation`: the step that ran, or whatever else the plugin was doing. */
export const stepCrashed = (operation: string, end: ProcessEnd, where: ErrorContext): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation, ...processEndOf(end) }, where);
