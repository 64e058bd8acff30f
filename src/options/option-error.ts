import { inspect } from 'node:util';
import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';

/** Longer values are cut in messages. */
const MAX_SHOWN = 60;

/** The error for an invalid option. `where` names the plugin, if the option is for one. */
export function optionError(option: string, expected: string, value: unknown, where?: ErrorContext): LoadError<'ERR_OPTIONS'> {
  return new LoadError('ERR_OPTIONS', { option, expected, found: describe(value) }, where);
}

/** Whether a promise was given instead of a value. Its rejection is handled here, since nobody awaits it. */
export function isPromiseInstead(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value)) return false;
  void Promise.resolve(value).catch(() => undefined);
  return true;
}

/** A value as text for a message. */
export function describe(value: unknown): string {
  try {
    if (isPromiseInstead(value)) return 'a promise';
    const text = inspect(value, { depth: 0, breakLength: Infinity, customInspect: false });
    return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  } catch (error) {
    return `a value that throws: ${messageOf(error)}`;
  }
}
