import type { MachineCause } from './machine-cause.js';

/** How the process of a plugin ended. */
export interface ProcessEnd {
  /** For example `SIGSEGV`; `null` if the process exited. */
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** Completes the sentence "the plugin's process …": `was killed by SIGSEGV`. */
  readonly reason: string;
  /** Set if the machine or another program ended the process. The plugin is then not blamed. */
  readonly machine?: MachineCause | undefined;
  /** Set if the exit status alone does not explain the end: `killed-by-host`, `kill-refused` or `ended-earlier`. */
  readonly ending?: Ending | undefined;
}

/**
 * `killed-by-host`: the host killed the process. `kill-refused`: the host tried to, and the operating system refused; the process
 * may still run. `ended-earlier`: the process had ended before it was needed.
 */
export type Ending = 'killed-by-host' | 'kill-refused' | 'ended-earlier';

/** With the plugin to which the host attributes it, if there is one. */
export interface AttributedEnd extends ProcessEnd {
  /** The id of the plugin that got the last request. Two generations of a plugin have the same id. */
  readonly suspect?: string;
}

/** The fields of a ProcessEnd, without any others that `end` has. */
export const processEndOf = ({ signal, exitCode, reason, machine, ending }: ProcessEnd): ProcessEnd => ({ signal, exitCode, reason, machine, ending });
