import { isAscii, isUtf8 } from 'node:buffer';

/** Decodes valid UTF-8. For ASCII, Latin-1 is faster. */
export const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Decodes bytes that may be invalid; then returns `undefined`. */
export function utf8Of(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
