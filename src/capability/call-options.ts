import { AsyncResource } from 'node:async_hooks';
import { LoadError, PluginError, messageOf, nearest, type ErrorContext } from '../errors/index.js';
import { hasAddedMembers } from '../options/added-members.js';
import { ownCopy } from '../options/parse-own.js';
import { isOptionsObject } from '../options/options-object.js';
import { optionError } from '../options/option-error.js';
import type { InvokeOptions } from '../invocation/backend.js';
import { ownSignal } from '../options/own-signal.js';
import { readContext } from './context-option.js';

/** The options of every kind of call. A signal may also be `null`, as some JavaScript callers write it. */
type CommonOptions = Partial<Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'>>;

const COMMON = ['signal', 'timeoutMs', 'parent', 'context'];

/** Checks the shape, because a signal may come from another realm, for example in a test runner. */
function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}

/** Returns a signal whose members do not throw. @throws LoadError ERR_OPTIONS */
function readSignal(value: unknown, where: ErrorContext): AbortSignal | undefined {
  if (value === undefined || value === null) return undefined;
  let cause: unknown;
  try {
    if (isAbortSignal(value)) return ownSignal(value);
  } catch (error) {
    cause = error;
  }
  throw optionError('signal', 'an AbortSignal', value, { ...where, cause });
}

/**
 * Makes the function that checks the options of one kind of call. `callbacks` are the names of options that are functions;
 * `others` are options that the caller checks. With `hasState` the object may be an instance of a class with other members:
 * then an unknown name is refused only if it differs from a known one in case. Not a zod schema, because it runs at every call.
 */
export function callOptionsReader(where: ErrorContext, callbacks: readonly string[] = [], others: readonly string[] = [], hasState = false) {
  const known = new Set([...COMMON, ...callbacks, ...others]);
  /**
   * The same options; callbacks run in the asynchronous context of this call.
   * @throws LoadError ERR_OPTIONS
   */
  return function read<O extends CommonOptions>(options: O): O {
    try {
      return check(options);
    } catch (cause) {
      if (cause instanceof PluginError) throw cause;
      throw new LoadError('ERR_OPTIONS', { option: 'options', expected: 'options that can be read', found: messageOf(cause) }, { ...where, cause });
    }
  };

  function check<O extends CommonOptions>(whole: O): O {
    const options = hasAddedMembers() ? ownCopy(whole, 1) : whole;
    const isObject = hasState ? typeof options === 'object' && (options as O | null) !== null && !Array.isArray(options) : isOptionsObject(options);
    if (!isObject) throw optionError('options', 'an object', options, where);
    const given = options as O & Readonly<Record<string, unknown>>;
    for (const name of Object.keys(given)) if (!known.has(name)) refuseUnknown(name, given[name]);
    const { timeoutMs } = given;
    const signal = readSignal(given.signal, where);
    if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
      throw optionError('timeoutMs', 'milliseconds, 0 or more (Infinity: never)', timeoutMs, where);
    }
    const context = readContext(given, where);
    const isSame = signal === given.signal && context === given.context;
    return bindCallbacks(isSame ? options : { ...options, signal, context }, given, callbacks, where);
  }

  function refuseUnknown(name: string, value: unknown): void {
    const names = [...known];
    if (hasState && !names.some((other) => other.toLowerCase() === name.toLowerCase())) return;
    const meant = nearest(name, names);
    throw optionError(name, meant === undefined ? `one of ${names.join(', ')}` : `a known option (did you mean ${meant}?)`, value, where);
  }
}

/** `options` with each callback bound to the current asynchronous context. @throws LoadError ERR_OPTIONS */
function bindCallbacks<O extends object>(options: O, given: Readonly<Record<string, unknown>>, callbacks: readonly string[], where: ErrorContext): O {
  let result = options;
  for (const name of callbacks) {
    const callback = given[name];
    if (callback === undefined) continue;
    if (typeof callback !== 'function') throw optionError(name, 'a function', callback, where);
    result = { ...result, [name]: AsyncResource.bind(callback as (...args: unknown[]) => unknown) };
  }
  return result;
}
