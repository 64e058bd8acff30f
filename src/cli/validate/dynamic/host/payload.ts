import { isUtf8, type Buffer } from 'node:buffer';
import { Format } from '../../../../abi/constants.js';
import type { Address } from '../../../../library/index.js';
import { copyOf } from '../../../../library/payload.js';

/** Nothing that a plugin sends in a validation is larger. */
const MAX_PAYLOAD = 64 << 20;

/** The bytes at `at`, or what is wrong. */
export function payload(at: Address, length: number): Buffer | string {
  if (length > MAX_PAYLOAD) return `a length of ${length}`;
  if (length > 0 && at === 0) return `a length of ${length}, but NULL as the data`;
  return copyOf(at, length);
}

/** What is wrong with a payload of this format, or `undefined`. */
export function payloadProblem(format: number, bytes: Buffer): string | undefined {
  if (format === Format.BYTES) return undefined;
  if (format !== Format.JSON) return `the format ${format}`;
  if (!isUtf8(bytes)) return 'bytes that are not UTF-8';
  try {
    JSON.parse(bytes.toString('utf8'));
    return undefined;
  } catch {
    return `text that is not JSON: ${JSON.stringify(bytes.toString('utf8', 0, 60))}`;
  }
}
