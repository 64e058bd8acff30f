import type { ErrorFields } from '../errors/index.js';

/** A problem that does not rule a library out. These names are stable. */
export type WarningTopic =
  | 'note-missing'
  | 'note-damaged'
  | 'exports-truncated'
  | 'libc-flavour'
  | 'libc-version'
  | 'missing-dependency'
  | 'code-signature'
  | 'executable-stack'
  | 'static-thread-locals'
  | 'go-runtime'
  | 'unique-symbols'
  | 'allocator'
  | 'never-unloads';

export interface Warning {
  readonly topic: WarningTopic;
  /** One sentence, for people. */
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly hint: string;
}

/** The error codes of an unfit library. */
export type RefusalCode =
  | 'ERR_WRONG_PLATFORM'
  | 'ERR_WRONG_ARCHITECTURE'
  | 'ERR_CODE_SIGNATURE'
  | 'ERR_LIBC_TOO_OLD'
  | 'ERR_ABI_MISMATCH'
  | 'ERR_STRUCT_SIZE'
  | 'ERR_MISSING_SYMBOL';

/** A refusal with one code, and the fields of the LoadError of that code. */
export interface RefusalOf<C extends RefusalCode> {
  readonly kind: 'unfit';
  readonly code: C;
  /** In words, for every code. */
  readonly expected: string;
  readonly found: string;
  readonly fields: ErrorFields<C>;
  readonly warnings: readonly Warning[];
}
/** A refusal with any code; `C` narrows it to some codes. */
export type RefusedVerdict<C extends RefusalCode = RefusalCode> = { [K in C]: RefusalOf<K> }[C];

/**
 * Whether a target can load a library. Plain data.
 *
 * - `fits`: no known problem.
 * - `unfit`: it cannot work. Opening it would fail, or it is not a plugin.
 * - `unknown`: only opening it will tell. The warnings say why.
 */
export type Verdict =
  | { readonly kind: 'fits'; readonly warnings: readonly Warning[] }
  | RefusedVerdict
  | { readonly kind: 'unknown'; readonly warnings: readonly Warning[] };
