import type { ErrorCode, Step } from '../errors/index.js';
import type { Permissions, SandboxReport } from './permissions.js';
import type { ResourceLimits } from './resource-limits.js';
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

/**
 * Where a plugin runs: in a child process of its own, in a child that all plugins with this name share, or in the host's process,
 * which it can then crash.
 */
export type Isolation = 'process' | { readonly process: string } | 'in-process';

/** What a plugin needs from the system, beside its libraries. */
export interface Requirements {
  /** Environment variables without which the plugin is refused. */
  readonly env: readonly string[];
  /** Programs, found on the PATH, without which the plugin is refused. */
  readonly programs: readonly string[];
  /** By name: what will not work without this variable. */
  readonly optionalEnv: Readonly<Record<string, string>>;
  /** By name: what will not work without this program. */
  readonly optionalPrograms: Readonly<Record<string, string>>;
}

/** Something that happened to a plugin without an exception for any caller. */
export interface PluginEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: Step;
  readonly message: string;
}

/**
 * What a generation that is not the current one of its plugin is there for. `next`: it is being started by an update. `draining`: it was
 * replaced, and completes its open calls. `standby`: it was replaced, and takes over again if its successor crashes soon.
 * `rolled back`: it crashed soon after it had taken over.
 */
export type GenerationRole = 'next' | 'draining' | 'standby' | 'rolled back';

/** A generation that is not the current one of its plugin. */
export interface GenerationReport {
  readonly role: GenerationRole;
  readonly version: string;
  readonly state: ShownState;
  /** Absent until it is registered. */
  readonly generation?: number;
  readonly pid?: number;
}

/**
 * What became of the library of a generation that was replaced, if it was in the process of the host. `in use`: that generation has
 * not ended yet. `kept`: it stays mapped until the process ends; `reason` says why.
 */
export interface PreviousLibrary {
  readonly state: 'in use' | 'unmapped' | 'kept';
  readonly reason?: string;
}

/** What came of the last update of a plugin. `code`, `step`, `message` and `hint` say why it was not kept. */
export interface UpdateRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly outcome: 'updated' | 'kept' | 'rolled back';
  /** The version of the files that it was to run, if they could be read. */
  readonly version?: string;
  /** After `updated`, if the generation before was in the host's process. */
  readonly previousLibrary?: PreviousLibrary;
  readonly code?: ErrorCode;
  readonly step?: Step;
  readonly message?: string;
  readonly hint?: string;
}

/** The current state of a plugin: the same for API, command line and log. Plain data. */
export interface PluginReport {
  /** Absent if the manifest could not be read. */
  readonly id?: string;
  /** The plugin folder; absent for a plugin that the host defines itself. */
  readonly path?: string;
  readonly name?: string;
  readonly version?: string;
  /** Counts the registrations of the plugin in this host, from 1; absent before the first one. */
  readonly generation?: number;
  /** Present if this is not the current generation of its plugin: only in events, and only during an update. */
  readonly role?: GenerationRole;
  /** Those that are up besides the current one, during and after an update; absent if there are none. */
  readonly otherGenerations?: readonly GenerationReport[];
  /** Present after an update that did not find the same files. */
  readonly lastUpdate?: UpdateRecord;
  /** Why libraries of earlier generations are still mapped in the host's process, one sentence each; absent if there are none. */
  readonly keptLibraries?: readonly string[];
  /** The manifest or a library in its folder changed after the plugin was loaded, so the running code is older. */
  readonly filesChanged?: true;
  /** How calls reach its process; absent while it has none, and for a plugin in the host's own process. */
  readonly transport?: PluginTransport;
  /** The id of its process; absent while it has none, and for a plugin in the host's own process. */
  readonly pid?: number;
  /** The limits of its process that the host has set; absent if none. */
  readonly limits?: ResourceLimits;
  /** Where it runs; absent for a plugin that the host has not tried to load. */
  readonly isolation?: Isolation;
  /** What it has registered: `tool forecast` … Empty while it is not up. */
  readonly capabilities: readonly string[];
  /** What its manifest requires of the system; absent if nothing. */
  readonly requirements?: Requirements;
  /** What its manifest asks to reach; absent if nothing. */
  readonly permissions?: Permissions;
  /** What it may reach; absent if the host does not sandbox it, or until that was decided. */
  readonly sandbox?: SandboxReport;
  /** What was noticed when it was checked and does not keep it from running: of the library, of optional requirements. */
  readonly warnings: readonly string[];
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
