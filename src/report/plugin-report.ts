import type { ErrorCode, Step } from '../errors/index.js';
import type { TraceEntry } from './trace.js';

/**
 * The states that a report shows; see `PluginState` for those in between. `refused` never ran; `failed` ran and went
 * wrong; `restarting` crashed and is started again; `quarantined` kept crashing; `retired` was ended in order.
 */
export type ShownState =
  | 'discovered'
  | 'refused'
  | 'loaded'
  | 'registered'
  | 'active'
  | 'restarting'
  | 'quarantined'
  | 'failed'
  | 'disabled'
  | 'retired';

/** Something that happened to a plugin and that no caller was told of by an exception. */
export interface PluginEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: Step;
  readonly message: string;
}

/** One plugin as it stands: the same for API, command line and log. Plain data. */
export interface PluginReport {
  /** Where its manifest could be read that far. */
  readonly id?: string;
  /** The plugin folder; absent for a plugin of the host's own. */
  readonly path?: string;
  readonly name?: string;
  readonly version?: string;
  /** The manifest or a library in its folder was replaced or written to after the plugin was loaded: what runs is older. */
  readonly filesChanged?: true;
  readonly state: ShownState;
  /** How far it came. */
  readonly step: Step;
  /** Of the failure or refusal, where there is one; so are message and hint. */
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly hint?: string;
  /** `tool forecast` …: declared and not registered. */
  readonly missing: readonly string[];
  /** Milliseconds spent in each step. */
  readonly timings: Readonly<Partial<Record<Step, number>>>;
  /** Every check, in order. */
  readonly trace: readonly TraceEntry[];
  /** What broke a rule or outlived its deadline, the newest last. */
  readonly events: readonly PluginEvent[];
}
