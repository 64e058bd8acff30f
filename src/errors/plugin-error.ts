import type { ErrorEntry } from './entry.js';
import { INVOCATION_ERRORS } from './invocation-errors.js';
import { LIFECYCLE_ERRORS } from './lifecycle-errors.js';
import { LOAD_ERRORS } from './load-errors.js';
import { messageOf } from './message-of.js';
import type { Step } from './step.js';

/** Every error code, with its fields, message and hint. docs/errors.md is generated from it. */
export const ERROR_TABLE = { ...LOAD_ERRORS, ...LIFECYCLE_ERRORS, ...INVOCATION_ERRORS } as const;

type Table = typeof ERROR_TABLE;
export type ErrorCode = keyof Table;
export type LoadErrorCode = keyof typeof LOAD_ERRORS;
export type LifecycleErrorCode = keyof typeof LIFECYCLE_ERRORS;
export type InvocationErrorCode = keyof typeof INVOCATION_ERRORS;

/** The fields of an error with code `C`, in addition to the common ones. */
export type ErrorFields<C extends ErrorCode> = Table[C] extends ErrorEntry<infer F> ? F : never;

/** Where an error happened, as far as that is known. */
export interface ErrorContext {
  readonly pluginId?: string | undefined;
  /** The file or folder concerned. */
  readonly path?: string | undefined;
  /** Overrides the step in the table. */
  readonly step?: Step | undefined;
  /** The underlying error, such as the operating system's. */
  readonly cause?: unknown;
}

/**
 * The base class of every error of this package. `code` is stable; `hint` says what to do.
 * Check `code` for one error, or use `instanceof` for a group.
 */
class PluginErrorBase extends Error {
  readonly code: ErrorCode;
  readonly step: Step;
  readonly hint: string;
  // `declare` keeps the property absent if it is not known.
  declare readonly pluginId?: string;
  declare readonly path?: string;

  constructor(code: ErrorCode, fields: object, context: ErrorContext = {}) {
    // The constructor types below make callers pass the fields of `code`, so the cast is safe.
    const row = ERROR_TABLE[code] as unknown as ErrorEntry<object>;
    const who = context.pluginId === undefined ? '' : `plugin ${context.pluginId}: `;
    const where = context.path === undefined ? '' : ` (${context.path})`;
    super(`${who}${row.message(fields)}${where}`, 'cause' in context ? { cause: context.cause } : undefined);
    Object.assign(this, fields);
    this.code = code;
    this.step = context.step ?? row.step;
    this.hint = typeof row.hint === 'string' ? row.hint : row.hint(fields);
    if (context.pluginId !== undefined) this.pluginId = context.pluginId;
    if (context.path !== undefined) this.path = context.path;
  }

  /** Plain data for logs and reports: the message, every field, and the cause's message. */
  toJSON(): Record<string, unknown> {
    const cause = this.cause === undefined ? undefined : messageOf(this.cause);
    const fields: Record<string, unknown> = Object.fromEntries(Object.entries(this));
    return { message: this.message, ...fields, ...(cause === undefined ? {} : { cause }) };
  }
}

// Node prints an error with its class name, so each class has its public name.
const LoadErrorClass = class LoadError extends PluginErrorBase {
  override readonly name = 'LoadError';
};
const LifecycleErrorClass = class LifecycleError extends PluginErrorBase {
  override readonly name = 'LifecycleError';
};
const InvocationErrorClass = class InvocationError extends PluginErrorBase {
  override readonly name = 'InvocationError';
};

/** Distributes over `C`, so that narrowing on `code` gives the fields of that code. */
type Branch<N extends string, C extends ErrorCode> = C extends ErrorCode
  ? Error & Omit<PluginErrorBase, 'code' | 'name'> & { readonly code: C; readonly name: N } & ErrorFields<C>
  : never;

export type LoadError<C extends LoadErrorCode = LoadErrorCode> = Branch<'LoadError', C>;
export type LifecycleError<C extends LifecycleErrorCode = LifecycleErrorCode> = Branch<'LifecycleError', C>;
export type InvocationError<C extends InvocationErrorCode = InvocationErrorCode> = Branch<'InvocationError', C>;
export type PluginError = LoadError | LifecycleError | InvocationError;

export interface LoadErrorConstructor {
  new <C extends LoadErrorCode>(code: C, fields: ErrorFields<C>, context?: ErrorContext): LoadError<C>;
  readonly prototype: LoadError;
}
export interface LifecycleErrorConstructor {
  new <C extends LifecycleErrorCode>(code: C, fields: ErrorFields<C>, context?: ErrorContext): LifecycleError<C>;
  readonly prototype: LifecycleError;
}
export interface InvocationErrorConstructor {
  new <C extends InvocationErrorCode>(code: C, fields: ErrorFields<C>, context?: ErrorContext): InvocationError<C>;
  readonly prototype: InvocationError;
}

/** A plugin was not loaded. */
export const LoadError = LoadErrorClass as unknown as LoadErrorConstructor;
/** A plugin failed between loading and retirement. */
export const LifecycleError = LifecycleErrorClass as unknown as LifecycleErrorConstructor;
/** One invocation failed. */
export const InvocationError = InvocationErrorClass as unknown as InvocationErrorConstructor;
/** The base class, for `instanceof`. */
export const PluginError = PluginErrorBase as unknown as { readonly prototype: PluginError; [Symbol.hasInstance](value: unknown): value is PluginError };
