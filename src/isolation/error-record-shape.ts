import { z } from 'zod';
import { ERROR_TABLE, STEPS, type ErrorCode } from '../errors/index.js';
import { LONGEST_TEXT, type ErrorRecord, type FieldName } from './error-record.js';

const text = z.string().max(LONGEST_TEXT);
/** JSON has no Infinity, which a length of a plugin's may be, and says null. */
const count = z.number().nullable().transform((number) => number ?? Infinity);

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

/** What a child may send as an error. */
export const ErrorRecordShape = z.strictObject({
  code: z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]),
  fields: z.strictObject(FIELDS).partial(),
  step: z.enum(STEPS),
  pluginId: z.string().max(64).exactOptional(),
  path: z.string().max(4096).exactOptional(),
  cause: text.exactOptional(),
}) satisfies z.ZodType<ErrorRecord>;
