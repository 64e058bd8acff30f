const MAX_QUOTE_LENGTH = 60;
const MAX_PATH_PARTS = 8;

/** Untrusted text, made safe for a terminal: truncated, with control and direction characters escaped. */
export function quote(text: string): string {
  const short = text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A TOML value in words, for the "found" of a problem. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return 'an integer beyond 53 bits';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : 'a table';
}

/** A key path as the file would write it: `plugin.entry_point`, `capabilities.tools[2]`. */
export function keyPath(path: readonly PropertyKey[]): string {
  const parts = path.slice(0, MAX_PATH_PARTS).map((part) => (typeof part === 'number' ? `[${part}]` : `.${bareOrQuoted(String(part))}`));
  return `${parts.join('').replace(/^\./, '')}${path.length > MAX_PATH_PARTS ? '.…' : ''}`;
}

function bareOrQuoted(key: string): string {
  return /^[A-Za-z0-9_-]{1,60}$/.test(key) ? key : quote(key);
}
