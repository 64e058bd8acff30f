import { inspect } from 'node:util';
import { LoadError, type ErrorContext } from '../errors/index.js';

/** As much of a value as a message has room for. */
const LONGEST = 60;

/** An option that cannot work, as the host gave it. `where` is of a plugin that it was given for. */
export function optionError(option: string, expected: string, value: unknown, where?: ErrorContext): LoadError<'ERR_OPTIONS'> {
  return new LoadError('ERR_OPTIONS', { option, expected, found: describe(value) }, where);
}

/** Whether a promise came where an answer was wanted. What it rejects with is heard here, since nobody waits for it. */
export function isPromiseInstead(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value)) return false;
  void Promise.resolve(value).catch(() => undefined);
  return true;
}

function describe(value: unknown): string {
  if (isPromiseInstead(value)) return 'a promise';
  const text = inspect(value, { depth: 0, breakLength: Infinity, customInspect: false });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
