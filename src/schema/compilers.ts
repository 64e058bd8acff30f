import { Ajv, type AnySchemaObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkedPattern, limitedCode } from './code-limits.js';
import type { Dialect } from './drafts.js';
import isDraft07 from './generated/draft-07.cjs';
import isDraft2020 from './generated/draft-2020-12.cjs';

const OPTIONS = {
  allErrors: false,
  ownProperties: true,
  strict: false,
  validateFormats: false,
  // 0.07 is a multiple of 0.01, though not in binary fractions.
  multipleOfPrecision: 9,
  logger: false,
  addUsedSchema: false,
  // Ajv would compile the draft's schema for this; `isValid` is the same, compiled when this package was built.
  validateSchema: false,
  // Each definition once, however often it is referred to, and no search for code to leave out: either may take time, and
  // memory, that grows with the square of the schema, and the code it makes is no quicker.
  inlineRefs: false,
  code: { optimize: false, regExp: checkedPattern, process: limitedCode },
} as const satisfies Options;

const DRAFTS = {
  '2020-12': { Compiler: Ajv2020, isValid: isDraft2020 },
  'draft-07': { Compiler: Ajv, isValid: isDraft07 },
} as const;

export interface Settings {
  readonly dialect: Dialect;
  readonly useDefaults: boolean;
  /** Whether the draft's own schema can be referred to. Adding it to a compiler takes longer than compiling a small schema. */
  readonly meta: boolean;
}

export interface Compiler {
  readonly ajv: Ajv;
  /** Whether a schema is one of the draft. */
  readonly isValid: ValidateFunction;
  /** What it can resolve by itself: the schemas of the draft. */
  readonly known: ReadonlySet<string>;
  /** How much more it may compile, in characters: it keeps the code of everything that it has ever made. */
  left: number;
}

const MAX_PER_COMPILER = 1 << 20;

const compilers = new Map<string, Compiler>();
const keyOf = ({ dialect, useDefaults, meta }: Settings): string => `${dialect} ${useDefaults} ${meta}`;

/** Making one costs more than compiling a schema, so there is one per draft and setting, for hundreds of schemas. */
export function compilerFor(settings: Settings): Compiler {
  const key = keyOf(settings);
  let compiler = compilers.get(key);
  if (compiler === undefined || compiler.left <= 0) {
    const { dialect, useDefaults, meta } = settings;
    const { Compiler, isValid } = DRAFTS[dialect];
    const ajv = new Compiler({ ...OPTIONS, useDefaults, meta });
    compilers.set(key, (compiler = { ajv, isValid, known: new Set(Object.keys(ajv.refs)), left: MAX_PER_COMPILER }));
  }
  return compiler;
}

/** For one that was stopped while it compiled: anything may be half done. */
export function discardCompiler(settings: Settings): void {
  compilers.delete(keyOf(settings));
}

/** @throws Error in Ajv's words where it is no schema of the draft */
export function requireValid({ ajv, isValid }: Compiler, schema: AnySchemaObject | boolean): void {
  if (isValid(schema)) return;
  const { errors } = isValid;
  isValid.errors = null; // they may hold parts of the schema
  throw new Error(`schema is invalid: ${ajv.errorsText(errors)}`);
}
