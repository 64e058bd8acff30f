import { InvocationError, LifecycleError, LoadError, PluginError, asPluginError, messageOf, type ErrorCode, type ErrorFields, type Step } from '../../errors/index.js';
import { INVOCATION_ERRORS } from '../../errors/invocation-errors.js';
import { LIFECYCLE_ERRORS } from '../../errors/lifecycle-errors.js';
import type { TRUST_ERRORS } from '../../errors/trust-errors.js';

/** Longer texts are cut before they are sent. */
export const MAX_TEXT_LENGTH = 65_536;

/** Codes of errors that occur only in the host, because only the host reads these files. */
type HostCode = 'ERR_OPTIONS' | 'ERR_MANIFEST' | 'ERR_CHILD_PROCESS' | keyof typeof TRUST_ERRORS;
type KeysOf<F> = F extends unknown ? keyof F : never;
/** The fields, besides the common ones, of the errors that a child can send. */
export type FieldName = KeysOf<ErrorFields<Exclude<ErrorCode, HostCode>>>;

/** An error of the table, as it is sent between processes. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly fields: Readonly<Partial<Record<FieldName, unknown>>>;
  readonly step: Step;
  readonly pluginId?: string;
  readonly path?: string;
  /** The message of the cause. */
  readonly cause?: string;
}

const KNOWN_FIELDS = Object.keys({
  advice: true,
  archive: true,
  bound: true,
  builtFor: true,
  bytes: true,
  caller: true,
  capability: true,
  capabilityName: true,
  during: true,
  ending: true,
  entryPoint: true,
  exitCode: true,
  expected: true,
  found: true,
  isBeside: true,
  isEarlier: true,
  isOverwritten: true,
  isShared: true,
  key: true,
  kind: true,
  library: true,
  limit: true,
  machine: true,
  member: true,
  missing: true,
  neededBy: true,
  operation: true,
  packageName: true,
  pointer: true,
  reason: true,
  signal: true,
  source: true,
  state: true,
  status: true,
  stillRunning: true,
  suggestion: true,
  symbol: true,
  timeoutMs: true,
  tried: true,
  waited: true,
  what: true,
  winner: true,
} satisfies Record<FieldName, true>);

/** The record of what was thrown. `other` converts what is not a PluginError. */
export function recordOf(thrown: unknown, other: (thrown: unknown) => PluginError = asPluginError): ErrorRecord {
  const error = thrown instanceof PluginError ? thrown : other(thrown);
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

const cut = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : value);

/** The error of a record that the host sent. `undefined` if a required field is missing: some fields are not sent. */
export function errorFrom(record: ErrorRecord): PluginError | undefined {
  try {
    return revive(record);
  } catch {
    return undefined;
  }
}

/** The plugin and capability of an error. The host knows these and does not trust the child's. */
export interface ErrorOrigin {
  readonly pluginId: string;
  /** The path of the library. */
  readonly path?: string | undefined;
  readonly capability?: string | undefined;
}

/** The error of a checked record that a child sent, with the plugin and capability that the host called. */
export function errorOfPlugin({ path, fields, ...record }: ErrorRecord, origin: ErrorOrigin): PluginError {
  const { pluginId, capability } = origin;
  const own = capability === undefined ? fields : { ...fields, capability };
  return revive({ ...record, pluginId, fields: own, ...(path !== undefined && origin.path !== undefined && { path: origin.path }) });
}

function revive({ code, fields, step, pluginId, path, cause }: ErrorRecord): PluginError {
  const context = { step, pluginId, path, ...(cause !== undefined && { cause: new Error(cause) }) };
  const Branch = (code in INVOCATION_ERRORS ? InvocationError : code in LIFECYCLE_ERRORS ? LifecycleError : LoadError) as unknown as new (
    ...args: unknown[]
  ) => PluginError;
  return new Branch(code, fields, context);
}
