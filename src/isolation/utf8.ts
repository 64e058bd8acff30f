import { isUtf8 } from 'node:buffer';

/** The text that the bytes are, or `undefined` where they are no UTF-8. */
export const utf8Of = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString('utf8') : undefined);
