import type { Logger } from './logger.js';

/** A plugin's own way to the host's log: its lines arrive with its id. */
export function pluginLogger(pluginId: string, logger: Logger): Logger {
  return {
    debug: (message, fields) => logger.debug(message, { ...fields, pluginId }),
    info: (message, fields) => logger.info(message, { ...fields, pluginId }),
    warn: (message, fields) => logger.warn(message, { ...fields, pluginId }),
    error: (message, fields) => logger.error(message, { ...fields, pluginId }),
  };
}
