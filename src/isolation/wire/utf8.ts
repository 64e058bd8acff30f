import { isAscii, isUtf8 } from 'node:buffer';

/** The text in bytes that are UTF-8. Latin-1 is the quick way for ASCII. */
export const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** The same where nobody vouches for the bytes: `undefined` where they are no UTF-8. */
export const utf8Of = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? textOf(bytes) : undefined);
