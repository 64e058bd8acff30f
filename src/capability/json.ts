import type { Callee } from '../invocation/callee.js';
import type { Chunk } from '../invocation/backend.js';
import { invalidParameters, invalidReply } from '../invocation/errors.js';

/** Serializes a value as JSON. @throws InvocationError ERR_INVALID_PARAMETERS for a cycle, a BigInt, a function … */
export function encodeJson(value: unknown, callee: Callee): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined) return json;
  const found = cause instanceof Error ? cause.message : typeof value;
  throw invalidParameters(callee, { expected: 'a value that JSON can hold', found }, cause);
}

/** Parses a plugin's answer. @throws InvocationError ERR_INVALID_REPLY */
export function decodeJson(json: string, callee: Callee): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const found = json === '' ? 'nothing' : JSON.stringify(json.slice(0, 60));
    throw invalidReply(callee, 'JSON', found, cause);
  }
}

/** The value of a chunk: text is parsed as JSON, bytes are returned unchanged. */
export const decodeChunk = (chunk: Chunk, callee: Callee): unknown =>
  typeof chunk.data === 'string' ? decodeJson(chunk.data, callee) : chunk.data;
