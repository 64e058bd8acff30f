import type { Logger } from './logger.js';

/** A logger that adds the plugin's id to every line. */
export function pluginLogger(pluginId: string, logger: Logger): Logger {
  return {
    debug: (message, fields) => logger.debug(message, { ...fields, pluginId }),
    info: (message, fields) => logger.info(message, { ...fields, pluginId }),
    warn: (message, fields) => logger.warn(message, { ...fields, pluginId }),
    error: (message, fields) => logger.error(message, { ...fields, pluginId }),
  };
}
