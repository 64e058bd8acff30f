import { Buffer } from 'node:buffer';
import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';
import { MAX_CONTEXT_BYTES, MAX_CONTEXT_DEPTH, STANDARD_CONTEXT_KEYS, contextJson, parseContext, type InvocationContext } from '../invocation/context.js';
import { Invocation } from '../invocation/invocation.js';
import { isOptionsObject } from '../options/options-object.js';

/**
 * The context of a call with these options, copied and checked. A call on behalf of an invocation has that invocation's context, unless
 * it is given one. Messages contain no value of a context, since it may be a secret.
 * @throws LoadError ERR_OPTIONS
 */
export function readContext({ context, parent }: { readonly context?: unknown; readonly parent?: unknown }, where: ErrorContext): InvocationContext | undefined {
  if (context === undefined) return parent instanceof Invocation ? parent.context : undefined;
  if (!isOptionsObject(context)) throw refused('an object', typeName(context), where);
  const given = context as InvocationContext;
  return contextJson(given) === undefined ? copyOf(given, where) : given; // it was checked before, as for each handler of a hook
}

function copyOf(context: InvocationContext, where: ErrorContext): InvocationContext {
  const json = jsonOf(context, where);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_CONTEXT_BYTES) throw refused(`at most ${MAX_CONTEXT_BYTES} bytes of JSON`, `${bytes} bytes`, where);
  const copy = frozenCopy(json, where);
  for (const key of STANDARD_CONTEXT_KEYS) {
    const value = copy[key];
    if (value !== undefined && typeof value !== 'string') throw refused('a string', typeName(value), where, `context.${key}`);
  }
  return copy;
}

function jsonOf(context: unknown, where: ErrorContext): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(context);
  } catch (cause) {
    throw refused('an object that JSON can hold', messageOf(cause), where, 'context', cause);
  }
  // A toJSON method may return anything.
  if (json?.startsWith('{') !== true) throw refused('an object that JSON can hold', 'one whose toJSON returns something else', where);
  return json;
}

function frozenCopy(json: string, where: ErrorContext): InvocationContext {
  try {
    return parseContext(json);
  } catch (cause) {
    throw refused(`at most ${MAX_CONTEXT_DEPTH} levels of lists and objects`, 'more levels', where, 'context', cause);
  }
}

/** `String`, `Array`, `Null` … */
const typeName = (value: unknown): string => `a value of type ${Object.prototype.toString.call(value).slice('[object '.length, -1)}`;

function refused(expected: string, found: string, where: ErrorContext, option = 'context', cause?: unknown): LoadError<'ERR_OPTIONS'> {
  return new LoadError('ERR_OPTIONS', { option, expected, found }, { ...where, cause });
}
