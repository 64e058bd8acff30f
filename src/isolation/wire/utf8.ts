import { isAscii, isUtf8 } from 'node:buffer';

/** Decodes valid UTF-8. For ASCII, Latin-1 is faster. */
export const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Decodes bytes that may be invalid; then returns `undefined`. */
export const utf8Of = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? textOf(bytes) : undefined);
