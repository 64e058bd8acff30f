import type { AnySchemaObject, ValidateFunction } from 'ajv';
import { withoutAddedMembers } from '../options/added-members.js';
import { resetCodeLimit } from './code-limits.js';
import { compilerFor, discardCompiler, requireValid, type Compiler, type Settings } from './compilers.js';
import { costOf } from './cost.js';
import { dialectOf } from './drafts.js';
import { OutOfTimeError, withinTime } from './time-limit.js';

/** Without one, `#` leads nowhere in a schema that is not kept. */
const OWN_ID = 'schema:/own';

/** What a schema of no length costs its compiler. */
const MIN_COST = 1024;

const compiled = new Map<string, ValidateFunction>();
const MAX_COMPILED = 256;
const MAX_KEPT_LENGTH = 4096;

/**
 * Compiles a schema of the draft that its `$schema` names; without one, of 2020-12. Compiling costs a millisecond; many tools
 * have the same small schema, and a plugin loaded again has all of them, so those are kept.
 * @throws Error with the compiler's words where it is no valid schema.
 */
export function compile(schemaJson: string, useDefaults: boolean): ValidateFunction {
  const key = `${useDefaults} ${schemaJson}`;
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = withoutAddedMembers(() => compileAnew(schemaJson, useDefaults));
    if (key.length <= MAX_KEPT_LENGTH && compiled.size < MAX_COMPILED) compiled.set(key, validate);
  }
  return validate;
}

function compileAnew(schemaJson: string, useDefaults: boolean): ValidateFunction {
  // Of its JSON: what was looked at is what is compiled, and whoever made the schema cannot change it afterwards.
  const { schema, ...read } = readSchema(schemaJson);
  const settings: Settings = { useDefaults, ...read };
  const compiler = compilerFor(settings);
  compiler.left -= schemaJson.length + MIN_COST;
  const { compilingMs } = costOf(schemaJson);
  const run = (): ValidateFunction => {
    resetCodeLimit();
    requireValid(compiler, schema);
    return compileWith(compiler, schema);
  };
  try {
    return compilingMs === undefined ? run() : withinTime(compilingMs, run);
  } catch (error) {
    const isStopped = error instanceof OutOfTimeError || error instanceof RangeError;
    if (!isStopped) throw error;
    discardCompiler(settings);
    throw error instanceof OutOfTimeError ? new Error(`compiling it takes longer than ${error.limitMs} ms`, { cause: error }) : tooDeep(error);
  }
}

/** The address of every draft's schema. */
const DRAFT_ADDRESS = /json-schema\.org/i;

function readSchema(json: string): Omit<Settings, 'useDefaults'> & { readonly schema: AnySchemaObject | boolean } {
  try {
    const { dialect, schema } = dialectOf(JSON.parse(json) as AnySchemaObject | boolean);
    // Without `$schema`, which is gone: elsewhere the address may be a reference.
    return { dialect, schema, meta: DRAFT_ADDRESS.test(JSON.stringify(schema)) };
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error;
  }
}

/** Whatever walks through a schema calls itself for each schema inside. */
export const tooDeep = (cause: RangeError): Error => new Error(`it is nested too deep: ${cause.message}`, { cause });

/** The compiler forgets the schema's `$id`s at once, so that those of two plugins cannot clash. */
function compileWith({ ajv, known }: Compiler, schema: AnySchemaObject | boolean): ValidateFunction {
  if (typeof schema === 'boolean') return ajv.compile(schema);
  const own: AnySchemaObject = { ...schema };
  if (own.$id === undefined || own.$id === '') own.$id = OWN_ID;
  try {
    return ajv.compile(own);
  } finally {
    // Forgetting a schema also forgets whatever has its $id, and a stranger's may be that of the draft itself.
    delete own.$id;
    ajv.removeSchema(own);
    for (const id of Object.keys(ajv.refs)) if (!known.has(id)) delete ajv.refs[id];
  }
}
