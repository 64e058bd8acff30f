import plugins = require('aisopod-plugin');
import { silentLogger, type Logger } from 'aisopod-plugin';

export const logger: Logger = silentLogger;
export const same: Logger = plugins.silentLogger;

export function codeOf(error: unknown): string | undefined {
  return error instanceof plugins.PluginError ? error.code : undefined;
}
