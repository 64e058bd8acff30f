/**
 * Where the package logs: `console`, or any object with these four methods.
 * `fields` is plain data about the message (`pluginId`, `path`, …).
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export type LogLevel = keyof Logger;

const nothing = (): void => undefined;

/** The default: the package does not write to a host's terminal unless asked to. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
