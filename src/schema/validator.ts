import type { ErrorObject, ValidateFunction } from 'ajv';
import { messageOf } from '../errors/index.js';
import { Pauses } from './pauses.js';
import { compile, tooDeep } from './compile.js';
import { costOf } from './cost.js';
import { OutOfTimeError, withinTime } from './time-limit.js';

/** The first thing that does not fit: a JSON pointer inside the value, what was expected, what was found. */
export interface ValidationFailure {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Checks a value against a JSON Schema; `undefined` when it fits. With `useDefaults` the value gets its defaults. Takes
 * also the length of the value's JSON, by which it may take its time. Never throws, and always ends: a value that the
 * schema cannot judge in its time does not fit.
 */
export type Validator = (value: unknown, length: number) => ValidationFailure | undefined;

/** @throws Error with the compiler's words where it is no valid schema, or takes too long to compile. */
export function compileSchema(schema: unknown, { useDefaults = false } = {}): Validator {
  requireSchema(schema);
  // The compiler's own keyword: its answer is a promise, which would pass for a yes, and reject unhandled.
  if (typeof schema === 'object' && '$async' in schema) throw new Error('$async is no keyword of JSON Schema');
  const json = jsonOf(schema);
  const validate = compile(json, useDefaults);
  const { judgingMs } = costOf(json);
  const pauses = new Pauses();
  return (value, length) => {
    const limit = judgingMs(length);
    const paused = limit === undefined ? 0 : pauses.left();
    if (paused > 0) return unjudged(`a schema that took too long before, and is left alone for ${Math.ceil(paused / 1000)} s`);
    try {
      return limit === undefined ? judge(validate, value) : withinTime(limit, () => judge(validate, value));
    } catch (error) {
      if (!(error instanceof OutOfTimeError)) return unjudged(`one on which it fails: ${messageOf(error)}`);
      pauses.begin();
      return unjudged(`one that takes it longer than ${error.limitMs} ms`);
    }
  };
}

/** The type of a JSON Schema; `compileSchema` checks the rest. @throws Error */
export function requireSchema(schema: unknown): asserts schema is object | boolean {
  if (typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema))) return;
  throw new Error('a JSON Schema is an object or a boolean');
}

function jsonOf(schema: object | boolean): string {
  try {
    return JSON.stringify(schema);
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error;
  }
}

/** No verdict is a no. */
const unjudged = (found: string): ValidationFailure => ({ pointer: '', expected: 'a value that its schema can judge', found });

function judge(validate: ValidateFunction, value: unknown): ValidationFailure | undefined {
  if (validate(value)) return undefined;
  const failure = describe(validate.errors?.[0], value);
  validate.errors = null; // there may be many, and the next call may never come
  return failure;
}
function describe(error: ErrorObject | undefined, value: unknown): ValidationFailure {
  if (error === undefined) return { pointer: '', expected: 'a value that fits the schema', found: typeNameOf(value) };
  const detail = error.keyword === 'additionalProperties' ? ` "${String(error.params.additionalProperty)}"` : '';
  const words = error.message === undefined ? error.keyword : error.message.replace(/^must /, 'to ') + detail;
  return { pointer: error.instancePath, expected: cut(words, LONGEST_WORDS), found: shown(at(value, error.instancePath)) };
}

function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined;
  }
  return here;
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : typeof value;
}

/** A pattern or the name of a property may be a plugin's whole schema long. */
const LONGEST_WORDS = 500;
const LONGEST_SHOWN = 60;

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** A value as an error shows it: short, and never a secret's whole length. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeNameOf(value);
  return cut(JSON.stringify(typeof value === 'string' ? value.slice(0, LONGEST_SHOWN + 1) : value) ?? 'undefined', LONGEST_SHOWN);
}
