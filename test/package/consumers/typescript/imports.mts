import { LoadError, PluginError, silentLogger, type Logger } from 'aisopod-plugin';
// @ts-expect-error: there is no default export
import nothing from 'aisopod-plugin';

export const logger: Logger = silentLogger;
export const none: unknown = nothing;

export function foundIn(error: unknown): string | undefined {
  if (!(error instanceof PluginError)) return undefined;
  return error.code === 'ERR_LIBRARY_FORMAT' ? error.found : error.hint;
}

// @ts-expect-error: this code carries `expected` and `found`
export const incomplete = new LoadError('ERR_LIBRARY_FORMAT', {});
