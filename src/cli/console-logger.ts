import type { Logger } from '../log/logger.js';
import { printLine, printable, type Terminal } from './terminal.js';

/** Warnings and errors to the error stream; the rest only where it was asked for. */
export function consoleLogger(terminal: Terminal, verbose: boolean): Logger {
  const print =
    (level: string) =>
    (message: string): void =>
      printLine(terminal.err, terminal.style('dim', `${level}: ${printable(message)}`));
  const nothing = (): void => undefined;
  return {
    debug: verbose ? print('debug') : nothing,
    info: verbose ? print('info') : nothing,
    warn: print('warning'),
    error: print('error'),
  };
}
