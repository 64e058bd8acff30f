import type { ErrorCode, Step } from '../errors/index.js';
import type { TraceEntry } from './trace.js';

/**
 * The states that a report shows; see `PluginState` for all states. `refused`: it never ran. `failed`: it ran and failed.
 * `restarting`: it crashed and is being restarted. `quarantined`: it kept crashing. `retired`: it was shut down.
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

/** Through shared memory, with a socket for what is rare or too large; or everything through the socket. */
export type PluginTransport = 'shared memory' | 'socket';

/** Something that happened to a plugin without an exception for any caller. */
export interface PluginEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: Step;
  readonly message: string;
}

/** The current state of a plugin: the same for API, command line and log. Plain data. */
export interface PluginReport {
  /** Absent if the manifest could not be read. */
  readonly id?: string;
  /** The plugin folder; absent for a plugin that the host defines itself. */
  readonly path?: string;
  readonly name?: string;
  readonly version?: string;
  /** The manifest or a library in its folder changed after the plugin was loaded, so the running code is older. */
  readonly filesChanged?: true;
  /** How calls reach its process; absent while it has none, and for a plugin in the host's own process. */
  readonly transport?: PluginTransport;
  readonly state: ShownState;
  /** The last step it reached. */
  readonly step: Step;
  /** `code`, `message` and `hint` describe the failure or refusal, if any. */
  readonly code?: ErrorCode;
  readonly message?: string;
  readonly hint?: string;
  /** Capabilities that are declared but not registered: `tool forecast` … */
  readonly missing: readonly string[];
  /** Milliseconds spent in each step. */
  readonly timings: Readonly<Partial<Record<Step, number>>>;
  /** Every check, in order. */
  readonly trace: readonly TraceEntry[];
  /** Broken rules, missed deadlines and the like, the newest last. */
  readonly events: readonly PluginEvent[];
}
