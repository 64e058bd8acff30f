import type { Step } from './step.js';

/** One row of the error table. `F` holds the fields of this code, in addition to the common ones. */
export interface ErrorEntry<F extends object> {
  /** The step of the error, unless the thrower names another one. */
  readonly step: Step;
  /** One line for docs/errors.md: when this happens. */
  readonly when: string;
  /** What went wrong. The plugin's id and the path are added around it. */
  readonly message: (fields: F) => string;
  /** What to do about it, in one sentence. */
  readonly hint: string | ((fields: F) => string);
}

export function entry<F extends object>(row: ErrorEntry<F>): ErrorEntry<F> {
  return row;
}

/** The fields that most errors have. */
export interface Mismatch {
  readonly expected: string;
  readonly found: string;
}
