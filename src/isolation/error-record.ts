import { z } from 'zod';
import { ERROR_TABLE, InvocationError, LifecycleError, LoadError, PluginError, STEPS, messageOf, type ErrorCode, type ErrorFields } from '../errors/index.js';
import { INVOCATION_ERRORS } from '../errors/invocation-errors.js';
import { LIFECYCLE_ERRORS } from '../errors/lifecycle-errors.js';
import type { TRUST_ERRORS } from '../errors/trust-errors.js';

const LONGEST_TEXT = 65_536;
const text = z.string().max(LONGEST_TEXT);
/** JSON has no Infinity, which a length of a plugin's may be, and says null. */
const count = z.number().nullable().transform((number) => number ?? Infinity);

/** Of errors that are made in the host alone, since only files are read there. */
type HostCode = 'ERR_MANIFEST' | 'ERR_CHILD_PROCESS' | keyof typeof TRUST_ERRORS;
type KeysOf<F> = F extends unknown ? keyof F : never;
type FieldName = KeysOf<ErrorFields<Exclude<ErrorCode, HostCode>>>;

/** Every field of the errors that can come out of a child, by name: a record with any other is refused. */
const FIELDS = {
  bound: text,
  bytes: count,
  caller: text,
  capability: text,
  capabilityName: text,
  during: text,
  entryPoint: text,
  exitCode: z.number().nullable(),
  expected: z.union([text, z.strictObject({ min: z.number(), max: z.number() })]),
  found: z.union([text, z.number()]),
  key: text,
  kind: text,
  library: text,
  limit: z.number(),
  member: text,
  operation: text,
  pointer: text,
  reason: text,
  signal: text.nullable(),
  source: z.enum(['manifest', 'note', 'function']),
  state: text,
  status: text,
  stillRunning: z.boolean(),
  suggestion: text,
  symbol: text,
  timeoutMs: z.number(),
  tried: z.array(text).max(100),
  what: text,
  winner: text,
} satisfies Record<FieldName, z.ZodType>;
const Fields = z.strictObject(FIELDS).partial();

/** An error of the table as it crosses between processes. */
export const ErrorRecord = z.strictObject({
  code: z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]),
  fields: Fields,
  step: z.enum(STEPS),
  pluginId: z.string().max(64).optional(),
  path: z.string().max(4096).optional(),
  /** The message of the cause. */
  cause: text.optional(),
});
export type ErrorRecord = z.output<typeof ErrorRecord>;

const KNOWN_FIELDS = Object.keys(FIELDS);

/** What was thrown, to send. Anything that is no PluginError goes as `other` says. */
export function recordOf(thrown: unknown, other: (reason: string) => PluginError): ErrorRecord {
  const error = thrown instanceof PluginError ? thrown : other(messageOf(thrown));
  const known = Object.entries(error).filter(([key, value]) => KNOWN_FIELDS.includes(key) && value !== undefined);
  const fields = Object.fromEntries(known.map(([key, value]: [string, unknown]) => [key, cut(value)]));
  const { code, step, pluginId, path, cause } = error;
  return {
    code,
    fields,
    step,
    ...(pluginId !== undefined && { pluginId }),
    ...(path !== undefined && { path }),
    ...(cause !== undefined && { cause: cut(messageOf(cause)) }),
  } as ErrorRecord;
}

const cut = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value);

/** The error that a record is of, or `undefined` where it lacks what its code must have. */
export function errorFrom({ code, fields, step, pluginId, path, cause }: ErrorRecord): PluginError | undefined {
  const context = { step, pluginId, path, ...(cause !== undefined && { cause: new Error(cause) }) };
  const Branch = (code in INVOCATION_ERRORS ? InvocationError : code in LIFECYCLE_ERRORS ? LifecycleError : LoadError) as unknown as new (
    ...args: unknown[]
  ) => PluginError;
  try {
    return new Branch(code, fields, context);
  } catch {
    return undefined;
  }
}
