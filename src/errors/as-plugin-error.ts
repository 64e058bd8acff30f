import { messageOf } from './message-of.js';
import { LoadError, PluginError, type ErrorContext } from './plugin-error.js';

/** Returns a PluginError unchanged and wraps anything else in ERR_INTERNAL, with the thrown value as `cause`. */
export function asPluginError(thrown: unknown, context: ErrorContext = {}): PluginError {
  if (thrown instanceof PluginError) return thrown;
  return internalError(thrown, context);
}

export const internalError = (thrown: unknown, context: ErrorContext): LoadError =>
  new LoadError('ERR_INTERNAL', { reason: messageOf(thrown) }, { ...context, cause: thrown });
