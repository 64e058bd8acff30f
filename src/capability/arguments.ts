import { Buffer } from 'node:buffer';
import type { InvocationError } from '../errors/index.js';
import type { Callee } from '../invocation/callee.js';
import { describe } from '../options/option-error.js';
import { invalidParameters } from '../invocation/errors.js';

const MAX_ARGUMENTS = 256;
const MAX_ARGUMENT_BYTES = 4096;

/** Control characters, which terminals and logs interpret. Newline and tab are allowed. */
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * The arguments of a command, bounded and without control characters.
 * @throws InvocationError ERR_INVALID_PARAMETERS
 */
export function cleanArguments(argv: readonly string[], callee: Callee): string[] {
  const refuse = (pointer: string, expected: string, found: string): InvocationError =>
    invalidParameters(callee, { pointer, expected, found });
  if (!Array.isArray(argv)) throw refuse('/argv', 'an array of strings', describe(argv));
  if (argv.length > MAX_ARGUMENTS) throw refuse('/argv', `at most ${MAX_ARGUMENTS} arguments`, String(argv.length));
  return Array.from(argv, (argument: unknown, index) => {
    if (typeof argument !== 'string') throw refuse(`/argv/${index}`, 'a string', typeof argument);
    const bytes = Buffer.byteLength(argument);
    if (bytes > MAX_ARGUMENT_BYTES) throw refuse(`/argv/${index}`, `at most ${MAX_ARGUMENT_BYTES} bytes`, `${bytes} bytes`);
    return argument.replace(CONTROL, '');
  });
}
