import { Buffer } from 'node:buffer';
import { InvocationError } from '../errors/index.js';
import type { Callee } from './callee.js';

/** @throws InvocationError ERR_PAYLOAD_TOO_LARGE */
export function refuseLargeInput({ pluginId, capability }: Callee, input: string, limit: number): void {
  // A UTF-16 unit is at most three bytes of UTF-8; only a text near the limit is worth counting.
  const bytes = input.length * 3 <= limit ? 0 : Buffer.byteLength(input);
  if (bytes <= limit) return;
  throw new InvocationError('ERR_PAYLOAD_TOO_LARGE', { capability, what: 'an input', bytes, limit }, { pluginId });
}
