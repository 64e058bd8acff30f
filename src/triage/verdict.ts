import type { ErrorFields } from '../errors/index.js';

/** What speaks against a library without ruling it out. Stable words. */
export type WarningTopic =
  | 'note-missing'
  | 'note-damaged'
  | 'exports-truncated'
  | 'libc-flavour'
  | 'libc-version'
  | 'missing-dependency'
  | 'executable-stack'
  | 'static-thread-locals'
  | 'go-runtime'
  | 'unique-symbols'
  | 'allocator'
  | 'never-unloads';

export interface Warning {
  readonly topic: WarningTopic;
  /** One sentence for people. */
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly hint: string;
}

/** The codes with which a library can be refused by its facts. */
export type RefusalCode =
  | 'ERR_WRONG_PLATFORM'
  | 'ERR_WRONG_ARCHITECTURE'
  | 'ERR_LIBC_TOO_OLD'
  | 'ERR_ABI_MISMATCH'
  | 'ERR_STRUCT_SIZE'
  | 'ERR_MISSING_SYMBOL';

/** A refusal of one code, with the fields of the LoadError of that code. */
export interface RefusalOf<C extends RefusalCode> {
  readonly kind: 'unfit';
  readonly code: C;
  /** In words, whatever the code. */
  readonly expected: string;
  readonly found: string;
  readonly fields: ErrorFields<C>;
  readonly warnings: readonly Warning[];
}
/** Any of them; `C` narrows it to some codes. */
export type Refusal<C extends RefusalCode = RefusalCode> = { [K in C]: RefusalOf<K> }[C];

/**
 * Whether a library can be loaded by a target. Plain data.
 *
 * - `fits`: nothing known speaks against it.
 * - `unfit`: it cannot work; opening it would fail, or it is no plugin.
 * - `unknown`: only opening it will tell; the warnings say why.
 */
export type Verdict =
  | { readonly kind: 'fits'; readonly warnings: readonly Warning[] }
  | Refusal
  | { readonly kind: 'unknown'; readonly warnings: readonly Warning[] };
