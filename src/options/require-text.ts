import { optionError } from './option-error.js';

/** For an argument that is a text. @throws LoadError ERR_OPTIONS */
export function requireText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw optionError(argument, 'a string', value);
}
