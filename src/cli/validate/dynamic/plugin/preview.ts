import { Buffer } from 'node:buffer';

const MAX_PREVIEW = 80;

/** A short form of an input, for messages. */
export function preview(input: Buffer | string): string {
  const text = Buffer.from(input as string).toString('utf8', 0, MAX_PREVIEW);
  const more = Buffer.byteLength(input) > MAX_PREVIEW ? `… (${Buffer.byteLength(input)} bytes)` : '';
  return text === '' ? 'an empty input' : `${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')}${more}`;
}
