import type { MachineCause } from './machine-cause.js';
import type { Step } from './step.js';

/** One row of the error table. `F` is what an error of this code carries beside the common fields. */
export interface ErrorEntry<F extends object> {
  /** The step this code belongs to where the thrower does not name another. */
  readonly step: Step;
  /** One line for docs/errors.md: when this happens. */
  readonly when: string;
  /** What went wrong, without the plugin's id and path: those are put around it. */
  readonly message: (fields: F) => string;
  /** What to do about it, in one sentence. */
  readonly hint: string | ((fields: F) => string);
}

export function entry<F extends object>(row: ErrorEntry<F>): ErrorEntry<F> {
  return row;
}

/** The common pair: most mistakes are "this was expected, that was found". */
export interface Mismatch {
  readonly expected: string;
  readonly found: string;
}

/** How the process of a plugin ended. */
export interface ProcessEnd {
  /** `SIGSEGV` …, or `null` where it exited. */
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** In words that follow "the plugin's process": `was killed by SIGSEGV`. */
  readonly reason: string;
  /** What ended it where the plugin did not: the machine, or somebody else. No evidence against the plugin. */
  readonly machine?: MachineCause | undefined;
}
