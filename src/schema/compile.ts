import { Ajv, type AnySchemaObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { withoutAddedMembers } from '../options/added-members.js';
import { boundedCode, checkedPattern, limitCode, unlimitCode } from './code-limits.js';
import { dialectOf, type Dialect } from './drafts.js';
import { costOf } from './cost.js';
import { OutOfTimeError, withinTime } from './time-limit.js';

const OPTIONS = {
  allErrors: false,
  ownProperties: true,
  strict: false,
  validateFormats: false,
  // 0.07 is a multiple of 0.01, though not in binary fractions.
  multipleOfPrecision: 9,
  logger: false,
  addUsedSchema: false,
  // Each definition once, however often it is referred to, and no search for code to leave out: either may take time, and
  // memory, that grows with the square of the schema, and the code it makes is no quicker.
  inlineRefs: false,
  code: { optimize: false, regExp: checkedPattern, process: boundedCode },
} as const satisfies Options;

/** Without one, `#` leads nowhere in a schema that is not kept. */
const OWN_ID = 'schema:/own';

interface Compiler {
  readonly ajv: Ajv;
  /** What it can resolve by itself: the schemas of the draft. */
  readonly known: ReadonlySet<string>;
  /** How much more it may compile, in characters: it keeps the code of everything that it has ever made. */
  left: number;
}

const MOST_PER_COMPILER = 1 << 20;
/** What a schema of no length costs. */
const EACH = 1024;

const compilers = new Map<string, Compiler>();

const CLASSES = { '2020-12': Ajv2020, 'draft-07': Ajv } as const;

/** Making one costs more than compiling a schema, so there is one per draft and setting, for hundreds of schemas. */
function compilerFor(key: string, dialect: Dialect, useDefaults: boolean): Compiler {
  let compiler = compilers.get(key);
  if (compiler === undefined || compiler.left <= 0) {
    const ajv = new CLASSES[dialect]({ ...OPTIONS, useDefaults });
    void ajv.validateSchema({}); // compiles the draft's own schema: that is no schema's cost
    compilers.set(key, (compiler = { ajv, known: new Set(Object.keys(ajv.refs)), left: MOST_PER_COMPILER }));
  }
  return compiler;
}

const compiled = new Map<string, ValidateFunction>();
const MOST_COMPILED = 256;
const LONGEST_KEPT = 4096;

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
    if (key.length <= LONGEST_KEPT && compiled.size < MOST_COMPILED) compiled.set(key, validate);
  }
  return validate;
}

function compileAnew(schemaJson: string, useDefaults: boolean): ValidateFunction {
  // Of its JSON: what was looked at is what is compiled, and whoever made the schema cannot change it afterwards.
  const { dialect, schema } = read(JSON.parse(schemaJson) as AnySchemaObject | boolean);
  const key = `${dialect} ${useDefaults}`;
  const compiler = compilerFor(key, dialect, useDefaults);
  compiler.left -= schemaJson.length + EACH;
  const { compilingMs } = costOf(schemaJson);
  const run = (): ValidateFunction => {
    limitCode();
    return compileWith(compiler, schema);
  };
  try {
    return compilingMs === undefined ? run() : withinTime(compilingMs, run);
  } catch (error) {
    const isStopped = error instanceof OutOfTimeError || error instanceof RangeError;
    if (!isStopped) throw error;
    // Stopped anywhere, it may have left anything half done.
    compilers.delete(key);
    throw error instanceof OutOfTimeError ? new Error(`compiling it takes longer than ${error.limitMs} ms`, { cause: error }) : tooDeep(error);
  } finally {
    unlimitCode();
  }
}

function read(given: AnySchemaObject | boolean): ReturnType<typeof dialectOf> {
  try {
    return dialectOf(given);
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
