import type { Logger } from '../log/logger.js';
import { printable, type Terminal } from './terminal.js';

/** Prints warnings and errors to the error stream; the rest only if `verbose`. */
export function consoleLogger({ err }: Terminal, verbose: boolean): Logger {
  const print =
    (level: string): Logger['info'] =>
    (message) =>
      err.line(err.style('dim', `${level}: ${printable(message)}`));
  const nothing = (): void => undefined;
  return {
    debug: verbose ? print('debug') : nothing,
    info: verbose ? print('info') : nothing,
    warn: print('warning'),
    error: print('error'),
  };
}
