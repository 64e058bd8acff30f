import { decodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { invalidReply } from '../invocation/errors.js';

const MAX_SHOWN = 60;

/** The reply as an error shows it. */
const shown = (json: string): string => (json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json);

/** Decodes a reply with `read`, which returns `undefined` if the shape is wrong. @throws InvocationError ERR_INVALID_REPLY */
export function decodeReply<T>(json: string, read: (document: unknown) => T | undefined, expected: string, callee: Callee): T {
  const reply = read(decodeJson(json, callee));
  if (reply !== undefined) return reply;
  throw invalidReply(callee, expected, shown(json));
}

/** The document if it is an object. Removes a `__proto__` member, which would become the prototype of a copy. */
export function readObject(document: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  Reflect.deleteProperty(document, '__proto__');
  return document as Readonly<Record<string, unknown>>;
}

/** Reads an own member only: other code may have added members to `Object.prototype`. */
export const memberOf = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
