/**
 * What the package logs through. `console` is one; so is any object with these four methods.
 * `fields` are plain data that belongs to the message (`pluginId`, `path`, …).
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export type LogLevel = keyof Logger;

const nothing = (): void => undefined;

/** The default: a library does not write to a host's terminal unasked. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
