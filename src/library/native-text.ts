import { Buffer } from 'node:buffer';
import { ownBuffer } from './memory.js';

/** Text as C reads it, with its NUL, in memory whose address is stable while it is referenced. */
export const narrowText = (text: string): Buffer => ownText(text, 'utf8');

/** The same in UTF-16, as Windows reads it. */
export const wideText = (text: string): Buffer => ownText(text, 'utf16le');

function ownText(text: string, encoding: BufferEncoding): Buffer {
  const bytes = Buffer.from(`${text}\0`, encoding);
  const own = ownBuffer(bytes.length);
  bytes.copy(own);
  return own;
}
