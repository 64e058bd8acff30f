import { Ajv, type AnySchemaObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { withoutAddedMembers } from '../options/added-members.js';
import { checkedPattern, limitedCode } from './code-limits.js';
import type { Dialect } from './drafts.js';
import isOfDraft from './generated/drafts.cjs';

const OPTIONS = {
  allErrors: false,
  ownProperties: true,
  strict: false,
  validateFormats: false,
  // 0.07 must count as a multiple of 0.01, although it is not one in binary floating point.
  multipleOfPrecision: 9,
  logger: false,
  addUsedSchema: false,
  // Ajv would compile the draft's schema in each process. `isValid` was compiled when the package was built.
  validateSchema: false,
  // Inlining definitions and optimizing can take time and memory that grow with the square of the schema's length, and
  // the code is no faster.
  inlineRefs: false,
  code: { optimize: false, regExp: checkedPattern, process: limitedCode },
} as const satisfies Options;

/** Getters, because the build loads Ajv when one of its names is first read. */
const COMPILERS = {
  get '2020-12'() { return Ajv2020; },
  get 'draft-07'() { return Ajv; },
} as const;

export interface Settings {
  readonly dialect: Dialect;
  readonly useDefaults: boolean;
  /** Whether a `$ref` can lead to the draft's own schema. Adding that takes Ajv longer than compiling a small schema. */
  readonly meta: boolean;
}

export interface Compiler {
  readonly ajv: Ajv;
  /** Whether a value is a schema of the draft. */
  readonly isValid: ValidateFunction;
  /** The ids that it can resolve from the start: the schemas of the draft. */
  readonly known: ReadonlySet<string>;
  /** Characters of schemas that it may still compile. Ajv keeps all code that it has generated, so it is replaced then. */
  left: number;
}

const MAX_PER_COMPILER = 1 << 20;

const compilers = new Map<string, Compiler>();
const keyOf = ({ dialect, useDefaults, meta }: Settings): string => `${dialect} ${useDefaults} ${meta}`;

/** Creating one takes longer than compiling a schema, so each is used for hundreds of schemas. */
export function compilerFor(settings: Settings): Compiler {
  const key = keyOf(settings);
  let compiler = compilers.get(key);
  if (compiler === undefined || compiler.left <= 0) {
    const { dialect, useDefaults, meta } = settings;
    const Compiler = COMPILERS[dialect];
    const ajv = new Compiler({ ...OPTIONS, useDefaults, meta });
    listOwnKeys(ajv);
    compilers.set(key, (compiler = { ajv, isValid: isOfDraft[dialect], known: new Set(Object.keys(ajv.refs)), left: MAX_PER_COMPILER }));
  }
  return compiler;
}

/** Loads what the first schema needs. For a host that waits anyway. What fails here fails again, and is reported, when a schema is compiled. */
export function prepareSchemas(): void {
  try {
    withoutAddedMembers(() => compilerFor({ dialect: '2020-12', useDefaults: false, meta: false }));
  } catch {
    // See above.
  }
}

/** Ajv's code generator lists keys with `for … in`, which finds members of Object.prototype that cannot be removed. */
function listOwnKeys({ scope }: Ajv): void {
  const scopeRefs = scope.scopeRefs.bind(scope);
  const scopeCode = scope.scopeCode.bind(scope);
  const own = <T>(values: T): T => (values === undefined ? values : (Object.setPrototypeOf(values, null) as T));
  scope.scopeRefs = (name, values) => scopeRefs(name, own(values));
  scope.scopeCode = (values, ...rest) => scopeCode(own(values), ...rest);
}

/** Call this for a compiler that was interrupted: its state is unknown. */
export function discardCompiler(settings: Settings): void {
  compilers.delete(keyOf(settings));
}

/** @throws Error with Ajv's message if it is not a schema of the draft */
export function requireValid({ ajv, isValid }: Compiler, schema: AnySchemaObject | boolean): void {
  if (isValid(schema)) return;
  const { errors } = isValid;
  isValid.errors = null; // do not keep the schema alive
  throw new Error(`schema is invalid: ${ajv.errorsText(errors)}`);
}
