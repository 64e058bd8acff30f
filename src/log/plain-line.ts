/** Control characters except tab, all line separators, and characters that change the direction of text. */
const UNPRINTABLE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
/** Most lines have none, and one look is quicker than two replacements that change nothing. */
const HAS_UNPRINTABLE = new RegExp(UNPRINTABLE.source);

const SHORT: Readonly<Record<string, string | undefined>> = { '\n': '\\n', '\r': '\\r' };

const escape = (char: string): string => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Text of a plugin as one log line: escaped, so that it cannot forge further lines or move the terminal's cursor. Drops
 * the line end.
 */
export const plainLine = (text: string): string => (HAS_UNPRINTABLE.test(text) ? text.replace(/\r?\n$/, '').replace(UNPRINTABLE, escape) : text);
