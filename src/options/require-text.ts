import { optionError } from './option-error.js';

/** Checks that an argument is a string. @throws LoadError ERR_OPTIONS */
export function requireText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw optionError(argument, 'a string', value);
}
