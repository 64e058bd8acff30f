import type { AnySchemaObject, ValidateFunction } from 'ajv';
import { LoadError } from '../errors/index.js';
import { hasAddedMembers, listedMembers, withoutAddedMembers } from '../options/added-members.js';
import { ownCopy } from '../options/parse-own.js';
import { resetCodeLimit } from './code-limits.js';
import { compilerFor, discardCompiler, requireValid, type Compiler, type Settings } from './compilers.js';
import { costOf } from './cost.js';
import { dialectOf } from './drafts.js';
import { TimeoutError, withinTime } from './time-limit.js';

/** Ajv cannot resolve `#` in a schema that has no id and is not kept. */
const OWN_ID = 'schema:/own';

/** Counted for each schema on top of its length. */
const OVERHEAD = 1024;

const compiled = new Map<string, ValidateFunction>();
const MAX_COMPILED = 256;
const MAX_KEPT_LENGTH = 4096;

/**
 * Compiles a schema by the draft that its `$schema` names; without one, by 2020-12. Small schemas are cached, because
 * compiling takes a millisecond, many tools have the same schema, and a plugin that is loaded again has the same ones.
 * @throws Error with Ajv's message if it is not a valid schema; LoadError ERR_PROTOTYPE_MEMBERS
 */
export function compile(schemaJson: string, useDefaults: boolean): ValidateFunction {
  const key = `${useDefaults} ${schemaJson}`;
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = withoutAddedMembers(() => {
      requireWorkingCompiler();
      return compileAnew(schemaJson, useDefaults);
    });
    if (key.length <= MAX_KEPT_LENGTH && compiled.size < MAX_COMPILED) compiled.set(key, validate);
  }
  return validate;
}

const PROBE = JSON.stringify({ $defs: { a: { type: 'string' } }, properties: { a: { $ref: '#/$defs/a' } }, required: ['a'], additionalProperties: false });

/**
 * Ajv reads members of its own objects by name, so it may fail, or validate wrongly, if Object.prototype has a member of that
 * name. Some names do no harm, so test it by compiling a schema.
 * @throws LoadError ERR_PROTOTYPE_MEMBERS
 */
function requireWorkingCompiler(): void {
  if (!hasAddedMembers()) return;
  let cause: unknown;
  try {
    const validate = compileAnew(PROBE, false);
    if (validate({ a: '' }) && !validate({ a: 1 }) && !validate({})) return;
  } catch (error) {
    cause = error;
  }
  throw new LoadError('ERR_PROTOTYPE_MEMBERS', { operation: 'compile a JSON Schema', found: listedMembers().join(', ') }, { cause });
}

function compileAnew(schemaJson: string, useDefaults: boolean): ValidateFunction {
  // Parsed again, so that what was checked is what is compiled: the caller can still change its object.
  const { schema, ...read } = readSchema(schemaJson);
  const settings: Settings = { useDefaults, ...read };
  const compiler = compilerFor(settings);
  compiler.left -= schemaJson.length + OVERHEAD;
  const { compileMs } = costOf(schemaJson);
  const run = (): ValidateFunction => {
    resetCodeLimit();
    requireValid(compiler, schema);
    return compileWith(compiler, schema);
  };
  try {
    return compileMs === undefined ? run() : withinTime(compileMs, run);
  } catch (error) {
    const isStopped = error instanceof TimeoutError || error instanceof RangeError;
    if (!isStopped) throw error;
    discardCompiler(settings);
    throw error instanceof TimeoutError ? new Error(`schema takes longer than ${error.limitMs} ms to compile`, { cause: error }) : tooDeep(error);
  }
}

/** Part of the id of every draft's schema. */
const DRAFT_ID = /json-schema\.org/i;

function readSchema(json: string): Omit<Settings, 'useDefaults'> & { readonly schema: AnySchemaObject | boolean } {
  try {
    const parsed = JSON.parse(json) as AnySchemaObject | boolean;
    const { dialect, schema } = dialectOf(hasAddedMembers() ? ownCopy(parsed, Infinity) : parsed);
    // `dialectOf` has removed `$schema`. Anywhere else the id may be the target of a reference.
    return { dialect, schema, meta: DRAFT_ID.test(JSON.stringify(schema)) };
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error;
  }
}

/** Code that walks a schema is recursive, and throws a RangeError if the schema is nested too deep for the stack. */
export const tooDeep = (cause: RangeError): Error => new Error(`schema is nested too deep: ${cause.message}`, { cause });

/** Removes the schema's ids from the compiler at once, so that the ids of two plugins cannot clash. */
function compileWith({ ajv, known }: Compiler, schema: AnySchemaObject | boolean): ValidateFunction {
  if (typeof schema === 'boolean') return ajv.compile(schema);
  // Not a spread: the copy must not inherit members that other code added to Object.prototype.
  const own = Object.assign(Object.create(Object.getPrototypeOf(schema) as object | null), schema) as AnySchemaObject;
  if (own.$id === undefined || own.$id === '') own.$id = OWN_ID;
  try {
    return ajv.compile(own);
  } finally {
    // `removeSchema` also removes any other schema with the same $id, and a plugin may have used the id of the draft.
    delete own.$id;
    ajv.removeSchema(own);
    for (const id of Object.keys(ajv.refs)) if (!known.has(id)) delete ajv.refs[id];
  }
}
