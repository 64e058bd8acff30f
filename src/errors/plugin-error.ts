import type { ErrorEntry } from './entry.js';
import { INVOCATION_ERRORS } from './invocation-errors.js';
import { LIFECYCLE_ERRORS } from './lifecycle-errors.js';
import { LOAD_ERRORS } from './load-errors.js';
import { messageOf } from './message-of.js';
import type { Step } from './step.js';

/** Every code, what it carries, what it says and what to do: the one table. docs/errors.md is made from it. */
export const ERROR_TABLE = { ...LOAD_ERRORS, ...LIFECYCLE_ERRORS, ...INVOCATION_ERRORS } as const;

type Table = typeof ERROR_TABLE;
export type ErrorCode = keyof Table;
export type LoadErrorCode = keyof typeof LOAD_ERRORS;
export type LifecycleErrorCode = keyof typeof LIFECYCLE_ERRORS;
export type InvocationErrorCode = keyof typeof INVOCATION_ERRORS;

/** What an error of code `C` carries beside the common fields. */
export type ErrorFields<C extends ErrorCode> = Table[C] extends ErrorEntry<infer F> ? F : never;

/** What is known of where an error happened. */
export interface ErrorContext {
  readonly pluginId?: string | undefined;
  /** The file or folder concerned. */
  readonly path?: string | undefined;
  /** Where the step is not the one in the table. */
  readonly step?: Step | undefined;
  /** The error below this one, the system's own words included. */
  readonly cause?: unknown;
}

/**
 * The base of everything this package throws. `code` is stable; `hint` says what to do.
 * Test an error by its `code`, or with `instanceof` for a whole branch.
 */
class PluginErrorBase extends Error {
  readonly code: ErrorCode;
  readonly step: Step;
  readonly hint: string;
  // Declared, not defined: an error that knows no path has no such property.
  declare readonly pluginId?: string;
  declare readonly path?: string;

  constructor(code: ErrorCode, fields: object, context: ErrorContext = {}) {
    // The table ties code to fields; callers are typed by it, so inside this class the tie is known to hold.
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

  /** Plain data for logs and reports: every field, the message, and the message of the cause. */
  toJSON(): Record<string, unknown> {
    const cause = this.cause === undefined ? undefined : messageOf(this.cause);
    const fields: Record<string, unknown> = Object.fromEntries(Object.entries(this));
    return { message: this.message, ...fields, ...(cause === undefined ? {} : { cause }) };
  }
}

// Named as the public classes are, since Node prints an error under its class's name.
const LoadErrorClass = class LoadError extends PluginErrorBase {
  override readonly name = 'LoadError';
};
const LifecycleErrorClass = class LifecycleError extends PluginErrorBase {
  override readonly name = 'LifecycleError';
};
const InvocationErrorClass = class InvocationError extends PluginErrorBase {
  override readonly name = 'InvocationError';
};

/** `C` distributed, so that narrowing on `code` gives the fields of that code. */
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
/** The common base, for `instanceof`. */
export const PluginError = PluginErrorBase as unknown as { readonly prototype: PluginError; [Symbol.hasInstance](value: unknown): value is PluginError };
