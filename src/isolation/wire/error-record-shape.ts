import * as z from 'zod';
import { STEPS, type ErrorCode, type ErrorFields } from '../../errors/index.js';
import { prepared } from '../../options/parse-own.js';
import { MAX_TEXT_LENGTH, type ErrorRecord } from './error-record.js';

const text = z.string().max(MAX_TEXT_LENGTH);
/** JSON writes Infinity, which a plugin may give as a length, as null. */
const count = z.number().nullable().transform((number) => number ?? Infinity);

const mismatch = { expected: text, found: text };
const failure = { status: text, reason: text };
const capability = text;

/** Exactly the fields of an error with code `C`. */
type FieldShapes<C extends ErrorCode> = Readonly<Record<keyof ErrorFields<C>, z.ZodType>>;
type ShapesByCode<C extends ErrorCode = ErrorCode> = { readonly [K in C]?: FieldShapes<K> };

/**
 * The errors with which an invocation can end in a child. Only the host can know the other invocation errors: that the process
 * ended, that a deadline passed, who may call what.
 */
const OF_INVOCATIONS = {
  ERR_INVOCATION_FAILED: { capability, ...failure },
  ERR_INVALID_PARAMETERS: { capability, ...mismatch, pointer: text },
  ERR_INVALID_REPLY: { capability, ...mismatch },
  ERR_INVOCATION_CANCELLED: { capability, stillRunning: z.boolean() },
  ERR_PLUGIN_CLOSED: { capability, state: text },
  ERR_PLUGIN_BUSY: { capability, reason: text },
  ERR_PAYLOAD_TOO_LARGE: { capability, what: text, bytes: count, limit: z.number() },
} satisfies ShapesByCode;

/** The errors with which a lifecycle step can fail in a child. Errors found by reading files occur only in the host. */
const OF_REQUESTS = {
  ERR_ABI_MISMATCH: {
    expected: z.strictObject({ min: z.number(), max: z.number() }),
    found: z.number(),
    source: z.enum(['manifest', 'note', 'function']),
  },
  ERR_LIBRARY_PATH: { ...mismatch, archive: text.exactOptional() },
  ERR_LIBRARY_MAPPED: { ...mismatch, isOverwritten: z.boolean().exactOptional() },
  ERR_MISSING_SYMBOL: { symbol: text },
  ERR_MISSING_DEPENDENCY: { library: text, reason: text, neededBy: text.exactOptional(), isBeside: z.boolean().exactOptional() },
  ERR_UNDEFINED_SYMBOL: { symbol: text, reason: text, builtFor: z.enum(['glibc', 'musl']).exactOptional() },
  ERR_LIBRARY_LOAD: { reason: text },
  ERR_CREATE_FAILED: { symbol: text, reason: text, timeoutMs: z.number().exactOptional() },
  ERR_INVALID_PLUGIN: { ...mismatch, member: text },
  ERR_ID_MISMATCH: mismatch,
  ERR_LIFECYCLE_STATE: { ...mismatch, operation: text },
  ERR_REGISTER_FAILED: failure,
  ERR_INIT_FAILED: failure,
  ERR_HANDOVER_FAILED: { operation: text, ...failure },
  ERR_HANDOVER_TOO_LARGE: { bytes: count, limit: z.number() },
  ERR_SHUTDOWN_FAILED: failure,
  ERR_REGISTRATION_CLOSED: { capability },
  ERR_CAPABILITY_UNDECLARED: { kind: text, capabilityName: text },
  ERR_CAPABILITY_INVALID: { kind: text, capabilityName: text, member: text, ...mismatch },
  ERR_CAPABILITY_DUPLICATE: { kind: text, capabilityName: text, winner: text },
  ERR_CONFIG: { key: text, reason: text },
  ERR_INTERNAL: { reason: text },
} satisfies ShapesByCode;

/** Made once, since making a schema takes longer than using it. */
const common = {
  step: z.enum(STEPS),
  pluginId: z.string().max(64).exactOptional(),
  path: z.string().max(4096).exactOptional(),
  cause: text.exactOptional(),
};

/** A record of one of these codes, with the fields of that code. */
function recordShape<T extends ShapesByCode>(fieldsByCode: T): z.ZodType<ErrorRecord> {
  const records = Object.entries(fieldsByCode).map(([code, fields]) =>
    z.strictObject({ code: z.literal(code as ErrorCode), fields: z.strictObject(fields), ...common }),
  );
  return prepared(z.discriminatedUnion('code', records as [(typeof records)[0], ...typeof records]));
}

/** The errors that a child may report for an invocation, and for a lifecycle step. */
export const InvocationErrorRecord = recordShape(OF_INVOCATIONS);
export const RequestErrorRecord = recordShape(OF_REQUESTS);
export const RequestErrorCode = z.enum(Object.keys(OF_REQUESTS) as [keyof typeof OF_REQUESTS, ...(keyof typeof OF_REQUESTS)[]]);
