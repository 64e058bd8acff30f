import type { Logger } from '../../log/logger.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import type { EnvironmentOptions } from './environment.js';
import type { ChildEnd } from './child-end.js';
import type { Candidate } from '../../scan/index.js';
import { requireGroup } from './limits-option.js';
import { NEVER_MS } from '../../options/never.js';
import type { Sandbox } from '../../report/child-sandbox.js';
import type { Denial } from '../sandbox/trace/denial.js';
import { fillRestartOptions, type RestartOptions } from './restart-policy.js';

/**
 * A child that ended unexpectedly. `during` is the last request of the host (`load`, `init`, `tool forecast` …, or `idle`), and
 * `suspect` the plugin to which it was sent.
 */
export interface CrashInfo extends ChildEnd {
  /** The plugins that were in the child. */
  readonly plugins: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the sandbox denied one of these plugins, which share a child. */
export interface ReportedDenial extends Denial {
  readonly plugins: readonly string[];
}

/**
 * Called before the other callbacks if a child is not restarted, with each crash that counted (none that the machine caused).
 * A callback may end the host, so the crashes must be on disk first.
 */
export type BeforeGiveUp = (last: CrashInfo, crashes: readonly CrashInfo[]) => void;

/** Limits for the process of a plugin. For plugins that share a process: of the one that is loaded first. */
export type LimitsOf = (candidate: Candidate) => ResourceLimits;

/** The options for children. */
export interface ProcessOptions extends EnvironmentOptions {
  /** Maximum bytes of memory for the plugins of a child. Beyond that it is killed, or allocations fail. Default: Infinity, no limit. */
  readonly memoryLimitBytes?: number;
  /** Further limits, which the operating system enforces. For all plugins, or a function that returns them for each. Default: those that the host has, and no core files. */
  readonly limits?: ResourceLimits | LimitsOf;
  /**
   * The path of a control group (version 2) that the host may use: each child gets a group of its own below it, which ends with the child.
   * Required for `limits.memoryBytes`, `limits.processors` and `limits.tasks`. Linux only.
   */
  readonly cgroup?: string;
  /** Milliseconds from an invocation's deadline, at which it is cancelled, until its child is killed. Infinity: never. Default 2000. */
  readonly graceMs?: number;
  /**
   * Milliseconds between heartbeats. A child that could run for three times as long without a sign of life is killed.
   * Infinity: no heartbeats. Default 5000.
   */
  readonly heartbeatMs?: number;
  readonly restart?: RestartOptions;
  /**
   * How invocations reach a child. 'auto': through shared memory where that works (Linux on x64 and arm64, a child with one
   * plugin), otherwise through a socket. 'socket': always through a socket. Default 'auto'.
   */
  readonly transport?: 'auto' | 'socket';
  /** The path of the program of a child, dist/isolation/child/main.js of this package. Required if the host is a bundle. */
  readonly childEntry?: string;
  /**
   * The absolute path of Node, which runs the children. Default: the environment variable AISOPOD_PLUGIN_NODE, or else the program
   * that runs the host, under Bun and Deno the first Node in PATH. Required if the host is packaged as a single executable. Its
   * version is checked before it runs a plugin.
   */
  readonly nodePath?: string;
  /**
   * Milliseconds that `tool.sync` waits on the host's thread for an INLINE tool in a child, at most 1000. Then the call ends with
   * ERR_INVOCATION_TIMEOUT. Default 10.
   */
  readonly syncTimeoutMs?: number;
  /**
   * Children wait for a debugger; there are no deadlines and no heartbeats. The environment variable AISOPOD_PLUGIN_DEBUG,
   * set to a plugin's id or `*`, does the same. Default false.
   */
  readonly debug?: boolean;
  /** Called at each crash, before the restart. Errors that it throws or rejects with are logged. */
  readonly onCrash?: (crash: CrashInfo) => void;
  /**
   * Called when a child that crashed is not restarted: its plugins are quarantined. If it had several, `suspect` is set only
   * if one plugin caused every counted crash.
   */
  readonly onGiveUp?: (crash: CrashInfo) => void;
  /**
   * Called for what the sandbox denies, for authors of plugins: each open of a file in such a child waits for the host. Linux, where the
   * host can make connections for plugins.
   */
  readonly onDenied?: (denial: ReportedDenial) => void;
}

/** The options that have defaults. */
interface FilledIn {
  /** Those of all plugins. */
  readonly limits: ResourceLimits | undefined;
  /** Present if each plugin has its own. */
  readonly limitsOf?: LimitsOf | undefined;
  readonly memoryLimitBytes?: number | undefined;
  readonly graceMs: number;
  readonly syncTimeoutMs: number;
  /** Absent if there are no heartbeats. */
  readonly heartbeatMs?: number | undefined;
  readonly restart: Required<RestartOptions>;
}

/** The checked options of a Supervisor. */
export interface SupervisorSettings extends Omit<ProcessOptions, keyof FilledIn>, FilledIn {
  readonly logger: Logger;
  readonly maxPayloadBytes: number;
  readonly beforeGiveUp?: BeforeGiveUp | undefined;
  /** What the child may reach; `undefined` for everything that this user may. */
  readonly sandbox?: Sandbox | undefined;
}

/** Checked options, with the defaults filled in. @throws LoadError ERR_OPTIONS */
export function fillProcessOptions(options: ProcessOptions): FilledIn {
  const { memoryLimitBytes = Infinity, heartbeatMs = 5000, graceMs = 2000, syncTimeoutMs = 10, limits, cgroup } = options;
  if (typeof limits === 'object') requireGroup(limits, cgroup);
  return {
    limits: typeof limits === 'function' ? undefined : limits,
    limitsOf: typeof limits === 'function' ? limits : undefined,
    memoryLimitBytes: memoryLimitBytes === Infinity ? undefined : memoryLimitBytes,
    graceMs,
    syncTimeoutMs,
    heartbeatMs: heartbeatMs < NEVER_MS ? heartbeatMs : undefined,
    restart: fillRestartOptions(options.restart),
  };
}
