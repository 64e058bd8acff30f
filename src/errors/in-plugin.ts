import { LoadError } from './plugin-error.js';

/** The same error in the name of a plugin, where code that knows only files threw it. Any other error as it is. */
export function inPlugin(error: unknown, pluginId: string): unknown {
  if (!(error instanceof LoadError) || error.pluginId !== undefined) return error;
  const { code, path, step, cause } = error;
  // Fields are own properties of an error, so an error is a record of its own fields.
  return new LoadError(code, error as never, { pluginId, path, step, cause });
}
