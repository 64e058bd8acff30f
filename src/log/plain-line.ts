/** Control characters but tab, line ends of every sort, and what overrides the direction of text. */
const UNPRINTABLE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string | undefined>> = { '\n': '\\n', '\r': '\\r' };

const escape = (char: string): string => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * What a plugin says as one line of a log: a stranger's text must not begin lines of its own there, nor move the cursor of
 * whoever looks at it. The end of the line itself is left out.
 */
export const plainLine = (text: string): string => text.replace(/\r?\n$/, '').replace(UNPRINTABLE, escape);
