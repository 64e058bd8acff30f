import { callGuarded } from './call-guarded.js';
import type { Logger, LogLevel } from './logger.js';

const guardedOnes = new WeakSet<Logger>();

/**
 * The same logger where a line that it cannot write is lost, and takes nothing else with it: whoever logs is often in a
 * timer or inside a host function, where a throw would end the process. Whoever is given a logger by a user of the package
 * guards it, and hands on the guarded one; a second time costs nothing.
 */
export function guardedLogger(logger: Logger): Logger {
  if (guardedOnes.has(logger)) return logger;
  const lose = (): void => undefined;
  const guarded =
    (level: LogLevel): Logger[LogLevel] =>
    (message, fields) =>
      callGuarded(() => logger[level](message, fields), lose);
  const safe = { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
  guardedOnes.add(safe);
  return safe;
}
