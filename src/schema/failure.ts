import type { ErrorObject } from 'ajv';
import { expectationOf } from './expectation.js';
import { valueAt } from './json-pointer.js';

/** The first part of a value that does not fit its schema. */
export interface ValidationFailure {
  /** A JSON pointer to the part. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
  /** The key that is missing from the object at `pointer`, or that is unknown there. */
  readonly key?: string;
}

/** A plugin's schema decides how long a pattern or a property name is. */
const MAX_EXPECTED = 500;
const MAX_SHOWN = 60;

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);

/** `schema` is what the value was checked against; it has the names of the known keys. */
export function describeFailure(error: ErrorObject | undefined, value: unknown, schema: unknown): ValidationFailure {
  if (error === undefined) return { pointer: '', expected: 'a value that fits the schema', found: typeNameOf(value) };
  const { expected, found, key } = expectationOf(error, schema);
  return {
    pointer: error.instancePath,
    expected: cut(expected, MAX_EXPECTED),
    found: found === undefined ? shown(valueAt(value, error.instancePath)) : cut(found, MAX_EXPECTED),
    ...(key !== undefined && { key }),
  };
}

/** The check of a schema that is only `type: object`. */
export function describeNonObject(value: unknown): ValidationFailure | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return undefined;
  return { pointer: '', expected: 'an object', found: shown(value) };
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : typeof value;
}

/** Truncated, because errors go to logs and a value may be a secret. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeNameOf(value);
  return cut(JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value) ?? 'undefined', MAX_SHOWN);
}
