import { decodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { invalidReply } from '../invocation/errors.js';

const MAX_SHOWN = 60;

/** How an error shows what came in place of what was expected. */
const shown = (json: string): string => (json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json);

/** A reply that `read` accepts: it returns `undefined` for one of another shape. @throws InvocationError ERR_INVALID_REPLY */
export function decodeReply<T>(json: string, read: (document: unknown) => T | undefined, expected: string, callee: Callee): T {
  const reply = read(decodeJson(json, callee));
  if (reply !== undefined) return reply;
  throw invalidReply(callee, expected, shown(json));
}

/** What JSON.parse made, if that is an object; without a `__proto__`, which would be another object's prototype when copied. */
export function readObject(document: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  Reflect.deleteProperty(document, '__proto__');
  return document as Readonly<Record<string, unknown>>;
}

/** A member of its own: a host may have added others to `Object.prototype`. */
export const memberOf = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
