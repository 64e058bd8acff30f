import { messageOf } from './message-of.js';
import { LoadError, PluginError, type ErrorContext } from './plugin-error.js';

/** Whatever was thrown, as an error of the table: one of this package as it is, anything else as ERR_INTERNAL with it as `cause`. */
export function asPluginError(thrown: unknown, context: ErrorContext = {}): PluginError {
  if (thrown instanceof PluginError) return thrown;
  return new LoadError('ERR_INTERNAL', { reason: messageOf(thrown) }, { ...context, cause: thrown });
}
