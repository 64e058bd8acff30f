import { callGuarded } from './call-guarded.js';
import type { Logger, LogLevel } from './logger.js';

const guardedLoggers = new WeakSet<Logger>();

/**
 * Wraps a logger so that it never throws: a line that it cannot write is lost. Log calls often come from a timer or a host
 * function, where an exception would end the process. Guard every logger that the package's user provides; guarding it
 * again returns it unchanged.
 */
export function guardedLogger(logger: Logger): Logger {
  if (guardedLoggers.has(logger)) return logger;
  const ignore = (): void => undefined;
  const guarded =
    (level: LogLevel): Logger[LogLevel] =>
    (message, fields) =>
      callGuarded(() => logger[level](message, fields), ignore);
  const safe = { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
  guardedLoggers.add(safe);
  return safe;
}
