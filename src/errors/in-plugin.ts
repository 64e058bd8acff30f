import { LoadError } from './plugin-error.js';

/** Adds the plugin's id to a LoadError from code that knows only files. Returns any other error unchanged. */
export function inPlugin(error: unknown, pluginId: string): unknown {
  if (!(error instanceof LoadError) || error.pluginId !== undefined) return error;
  const { code, path, step, cause } = error;
  // An error has its fields as own properties, so it can be passed as its own `fields`.
  return new LoadError(code, error as never, { pluginId, path, step, cause });
}
