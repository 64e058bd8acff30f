import type { Logger, LogLevel } from './logger.js';

/** The same logger where a line that it cannot write is lost, and takes nothing else with it. */
export function guardedLogger(logger: Logger): Logger {
  const guarded =
    (level: LogLevel): Logger[LogLevel] =>
    (message, fields) => {
      try {
        logger[level](message, fields);
      } catch {
        // Whoever logs is often in a timer or inside a host function, where a throw would end the process.
      }
    };
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
