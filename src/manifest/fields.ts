import * as z from 'zod';
import { DOTTED_NAME, TOOL_NAME } from './name-patterns.js';
import { VERSION_PATTERN } from './version.js';

/** A string field. Its error message is what was expected; problems.ts adds what was found. */
function field(expected: string, pattern: RegExp) {
  return z.string({ error: expected }).regex(pattern, { error: expected }).describe(expected);
}

/** Windows device names, which are not valid file names, with any extension. Letter classes, because JSON Schema has no case-insensitive flag. */
const DEVICE = 'con(?:in\\$|out\\$)?|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]'.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
const NO_DEVICE = `(?!(?:${DEVICE})(?:\\.|$))`;
/** Control characters, lone surrogates, line separators and direction overrides: unsafe in lists and logs. */
const UNPRINTABLE = '\\p{Cc}\\p{Cs}\\u2028-\\u202E\\u2066-\\u2069';

export function text(maxLength: number) {
  return field(
    `1 to ${maxLength} characters, not only spaces, no control characters`,
    new RegExp(`^(?=.*\\S)[^${UNPRINTABLE}]{1,${maxLength}}$`, 'u'),
  );
}

/** The same, of several lines. */
export function lines(maxLength: number) {
  return field(
    `1 to ${maxLength} characters, not only spaces, no control characters but line breaks and tabs`,
    new RegExp(`^(?=[^]*\\S)(?:[^${UNPRINTABLE}]|[\\n\\r\\t]){1,${maxLength}}$`, 'u'),
  );
}

export const webAddress = field('an address that begins with https:// or http://, of at most 2048 characters without spaces', /^https?:\/\/[^\s\p{Cc}\u2028-\u202E\u2066-\u2069]{1,2040}$/u);

export const variable = field('the name of an environment variable: 1 to 128 of A-Z, a-z, 0-9 and "_", not beginning with a digit', /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);

export const id = field(
  'an id: 1 to 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first and last, and no Windows device name',
  new RegExp(`^${NO_DEVICE}[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$`),
);

export const version = field('a semantic version (semver.org), MAJOR.MINOR.PATCH', VERSION_PATTERN);

/** A character of a file name. The excluded ones are invalid on Windows, where `:` also means a drive or a stream. */
const NAME_CHARACTER = `[^/\\\\:*?"<>|${UNPRINTABLE}]`;

export const entryPoint = field(
  'the bare name of the library: 1 to 128 characters, no path, no "..", none of / \\ : * ? " < > |',
  new RegExp(`^${NO_DEVICE}(?=.*\\S)(?!.*\\.\\.)(?!\\.$)${NAME_CHARACTER}{1,128}$`, 'u'),
);

export const toolName = field('a name: 1 to 64 of A-Z, a-z, 0-9, "_" and "-"', TOOL_NAME);
export const dottedName = field('a name: 1 to 64 of A-Z, a-z, 0-9, "_", "-" and "."', DOTTED_NAME);

export const program = field(
  'the name of a program, without a path: 1 to 128 characters, none of / \\ : * ? " < > |',
  new RegExp(`^(?=.*\\S)(?!.*\\.\\.)(?!\\.$)${NAME_CHARACTER}{1,128}$`, 'u'),
);

/** A file name that is valid on every system: no Windows device name, and no dot or space at the end, which Windows drops. */
const PORTABLE_NAME = `(?!(?:${DEVICE})(?:[./]|$))${NAME_CHARACTER}*(?![. ])${NAME_CHARACTER}`;

export const relativePath = field(
  'a file inside the plugin folder: a relative path of at most 255 characters with "/" between names that are valid on every system (no Windows device name, no dot or space at the end)',
  new RegExp(`^(?!.{256})(?:${PORTABLE_NAME}/)*${PORTABLE_NAME}$`, 'u'),
);

/** Characters of a path that every system can store in a manifest. No wildcards: they would be taken for patterns. */
const PATH_CHARACTER = `[^*?"<>|${UNPRINTABLE}]`;
const NO_PARENT = '(?!(?:.*[/\\\\])?\\.\\.(?:[/\\\\]|$))';
const DRIVE = '[A-Za-z]:[/\\\\]';

function absolute(expected: string, start: string) {
  return field(expected, new RegExp(`^(?!.{1025})${NO_PARENT}(?:/|${DRIVE}|(?:${start})(?=/|$))${PATH_CHARACTER}*$`, 'u'));
}

export const permissionPath = absolute(
  'a path that begins with "/", "~", "$PLUGIN", "$DATA" or "$TMP": at most 1024 characters, no "..", none of * ? " < > |',
  '~|\\$(?:PLUGIN|DATA|TMP)',
);

export const programPath = absolute('the path of a program that begins with "/", "~" or "$PLUGIN": at most 1024 characters, no "..", none of * ? " < > |', '~|\\$PLUGIN');

const PORT = '(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';

export const endpoint = field(
  'a host and a port, such as example.com:443, 192.0.2.1:80, [2001:db8::1]:443 or *:443',
  new RegExp(`^(?!.{260})(?:\\*|\\[[0-9A-Fa-f:.]{2,45}\\]|${LABEL}(?:\\.${LABEL})*):${PORT}$`),
);

const PORT_ERROR = { error: 'a port, 1 to 65535' };
export const port = z.int(PORT_ERROR).min(1, PORT_ERROR).max(65_535, PORT_ERROR);

export const callee = field('a kind and a name, such as "tool fetch"; the kinds are tool, channel and provider, and the name may be *', /^(?:tool|channel|provider) (?:\*|[A-Za-z0-9._-]{1,64})$/);

export const abiVersion = z
  .int({ error: 'a positive integer' })
  .positive({ error: 'a positive integer' })
  .max(0xffffffff, { error: 'an integer of 32 bits' });
