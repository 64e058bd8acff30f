import { messageOf, type ManifestProblem } from '../errors/index.js';
import { quote } from './describe.js';
import { GuardedParser, TomlError } from './guarded-parser.js';
import type { Positions } from './positions.js';

export interface TomlDocument {
  readonly document: Record<string, unknown>;
  readonly positions: Positions;
}

/** @throws {TomlError} at the first syntax error, since the rest of the file cannot be interpreted */
export function parseToml(text: string): TomlDocument {
  const parser = new GuardedParser();
  try {
    parser.parse(text);
    return { document: parser.finish(), positions: parser.positions };
  } catch (error) {
    if (error instanceof TomlError) throw error;
    throw new TomlError(syntaxProblem(parser, error), { cause: error });
  }
}

const END_OF_FILE = 0x110000;

function syntaxProblem(parser: GuardedParser, error: unknown): ManifestProblem {
  // The parser prints a character's code ("Unknown character "33""); `found` shows the character instead.
  const said = messageOf(error).replace(/[: ]+"?\d+"?$/, '');
  return {
    key: '',
    ...parser.position(),
    message: `not valid TOML: ${said}`,
    expected: 'valid TOML',
    found: parser.char === END_OF_FILE ? 'the end of the file' : quote(String.fromCodePoint(parser.char)),
  };
}
