import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

const OPTIONS = { allErrors: false, strict: false, validateFormats: false, logger: false, addUsedSchema: false } as const;

/** The first thing that does not fit: a JSON pointer inside the value, what was expected, what was found. */
export interface ValidationFailure {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** Checks a value against a JSON Schema; `undefined` when it fits. With `useDefaults` the value gets its defaults. */
export type Validator = (value: unknown) => ValidationFailure | undefined;

const instances = new Map<string, Ajv>();

/** Making one costs more than compiling a schema, so there is one per draft and setting. */
function compilerFor(draft07: boolean, useDefaults: boolean): Ajv {
  const key = `${draft07} ${useDefaults}`;
  let ajv = instances.get(key);
  if (ajv === undefined) {
    const options = { ...OPTIONS, useDefaults };
    instances.set(key, (ajv = draft07 ? new Ajv(options) : new Ajv2020(options)));
  }
  return ajv;
}

/**
 * Compiles a schema: draft 2020-12, or draft-07 where its `$schema` says so. The compiler forgets it at once, so that
 * two plugins' `$id`s cannot clash and a retired plugin's schema can be collected.
 * @throws Error with the compiler's words where it is no valid schema.
 */
export function compileSchema(schema: unknown, { useDefaults = false } = {}): Validator {
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema))) {
    throw new Error('a JSON Schema is an object or a boolean');
  }
  // The compiler's own keyword: its answer is a promise, which would pass for a yes, and reject unhandled.
  if (typeof schema === 'object' && '$async' in schema) throw new Error('$async is no keyword of JSON Schema');
  const validate = compileOnce(schema, useDefaults);
  return (value) => (validate(value) ? undefined : describe(validate.errors?.[0], value));
}

const compiled = new Map<string, ValidateFunction>();
const MOST_COMPILED = 256;
const LONGEST_KEPT = 4096;

/** Compiling costs a millisecond. Many tools have the same small schema, and a plugin loaded again has all of them. */
function compileOnce(schema: object | boolean, useDefaults: boolean): ValidateFunction {
  const key = `${useDefaults} ${JSON.stringify(schema)}`;
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = compile(schema, useDefaults);
    if (key.length <= LONGEST_KEPT && compiled.size < MOST_COMPILED) compiled.set(key, validate);
  }
  return validate;
}

function compile(schema: object | boolean, useDefaults: boolean): ValidateFunction {
  const draft07 = typeof schema === 'object' && '$schema' in schema && String(schema.$schema).includes('draft-07');
  const ajv = compilerFor(draft07, useDefaults);
  if (typeof schema === 'boolean') return ajv.compile(schema);
  const own: AnySchemaObject = { ...schema };
  try {
    return ajv.compile(own);
  } finally {
    // Forgetting a schema also forgets whatever has its $id, and a stranger's may be that of the draft itself.
    delete own.$id;
    ajv.removeSchema(own);
  }
}

function describe(error: ErrorObject | undefined, value: unknown): ValidationFailure {
  if (error === undefined) return { pointer: '', expected: 'a value that fits the schema', found: typeNameOf(value) };
  const detail = error.keyword === 'additionalProperties' ? ` "${String(error.params.additionalProperty)}"` : '';
  return {
    pointer: error.instancePath,
    expected: error.message === undefined ? error.keyword : error.message.replace(/^must /, 'to ') + detail,
    found: shown(at(value, error.instancePath)),
  };
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

const LONGEST_SHOWN = 60;

/** A value as an error shows it: short, and never a secret's whole length. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeNameOf(value);
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
