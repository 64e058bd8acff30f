import type { ErrorObject } from 'ajv';
import { nearest } from '../errors/index.js';
import type { ValidationFailure } from './failure.js';
import { valueAt } from './json-pointer.js';

/** What a keyword expects, as text. `found` is present if it is something other than the value. */
type Expectation = Pick<ValidationFailure, 'expected' | 'key'> & { readonly found?: string };

type Params = Readonly<Record<string, unknown>>;

/** Ajv's errors in plain English. Its own words are the fallback. */
export function expectationOf(error: ErrorObject, schema: unknown): Expectation {
  const { keyword, propertyName } = error;
  const params = error.params as Params;
  if (keyword === 'required') return missingKey(String(params.missingProperty));
  if (keyword === 'dependentRequired' || keyword === 'dependencies') return missingKey(String(params.missingProperty), String(params.property));
  if (keyword === 'additionalProperties') return unknownKey(String(params.additionalProperty), knownKeys(error, schema));
  if (keyword === 'unevaluatedProperties') return unknownKey(String(params.unevaluatedProperty));
  const expected = textOf(keyword, params) ?? `a value that ${error.message ?? `fits the keyword ${keyword}`}`;
  // `propertyNames`: the schema is for the keys of the object.
  return propertyName === undefined ? { expected } : { expected: `only keys that are ${expected}`, found: `the key ${quoted(propertyName)}`, key: propertyName };
}

function missingKey(key: string, requiredBy?: string): Expectation {
  const reason = requiredBy === undefined ? '' : `, because ${quoted(requiredBy)} is present`;
  return { expected: `the required key ${quoted(key)}${reason}`, found: 'an object without it', key };
}

function unknownKey(key: string, known?: readonly string[]): Expectation {
  const meant = nearest(key, known ?? []);
  return {
    expected: known === undefined ? 'only known keys' : `only known keys (${known.join(', ') || 'none'})`,
    found: `the unknown key ${quoted(key)}${meant === undefined ? '' : ` (did you mean ${quoted(meant)}?)`}`,
    key,
  };
}

/** The keys that the schema at the error's path lists; `undefined` if they are not known. */
function knownKeys({ schemaPath }: ErrorObject, schema: unknown): readonly string[] | undefined {
  const parent = valueAt(schema, decodeURIComponent(schemaPath).replace(/^#/, '').replace(/\/[^/]*$/, ''));
  if (typeof parent !== 'object' || parent === null || Object.hasOwn(parent, 'patternProperties')) return undefined;
  const properties: unknown = (parent as Params).properties;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string', number: 'a number', integer: 'an integer', boolean: 'true or false', object: 'an object', array: 'an array', null: 'null',
};

function typeText(type: unknown): string {
  const types = Array.isArray(type) ? (type as unknown[]).map(String) : String(type).split(',');
  return types.map((name) => TYPES[name] ?? name).join(' or ');
}

const quoted = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

const counted = (limit: unknown, noun: string): string => `${String(limit)} ${noun}${limit === 1 ? '' : 's'}`;

function textOf(keyword: string, params: Params): string | undefined {
  const { limit } = params;
  switch (keyword) {
    case 'type': return typeText(params.type);
    case 'enum': return `one of ${(params.allowedValues as readonly unknown[]).map(quoted).join(', ')}`;
    case 'const': return quoted(params.allowedValue);
    case 'minimum': return `at least ${String(limit)}`;
    case 'maximum': return `at most ${String(limit)}`;
    case 'exclusiveMinimum': return `more than ${String(limit)}`;
    case 'exclusiveMaximum': return `less than ${String(limit)}`;
    case 'multipleOf': return `a multiple of ${String(params.multipleOf)}`;
    case 'minLength': return `at least ${counted(limit, 'character')}`;
    case 'maxLength': return `at most ${counted(limit, 'character')}`;
    case 'pattern': return `a string that matches ${String(params.pattern)}`;
    case 'minItems': return `at least ${counted(limit, 'item')}`;
    case 'maxItems': case 'items': case 'additionalItems': case 'unevaluatedItems': return `at most ${counted(limit, 'item')}`;
    case 'uniqueItems': return `no equal items (items ${String(params.j)} and ${String(params.i)} are equal)`;
    case 'minProperties': return `at least ${counted(limit, 'key')}`;
    case 'maxProperties': return `at most ${counted(limit, 'key')}`;
    case 'false schema': return 'no value';
    case 'not': return 'a value that does not fit the schema in "not"';
    case 'oneOf': return 'a value that fits exactly one of the schemas in "oneOf"';
    default: return undefined;
  }
}
