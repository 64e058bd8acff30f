import type { Logger } from '../../log/logger.js';
import type { EnvironmentOptions } from './environment.js';
import type { ChildEnd } from './child-end.js';
import { NEVER_MS } from '../../options/never.js';
import { fillRestartOptions, type RestartOptions } from './restart-policy.js';

/**
 * A child that ended unexpectedly. `plugins` were in it; `during` is what the host had last asked for (`load`, `init`,
 * `tool forecast` …, or `idle`), and `suspect` the plugin that it had asked.
 */
export interface CrashInfo extends ChildEnd {
  readonly plugins: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Hears of a child that is not started again, with each of the crashes that counted (none that the machine caused), before anybody else is told. */
export type KeepAway = (last: CrashInfo, crashes: readonly CrashInfo[]) => void;

/** What PluginHost's users may choose about children. */
export interface ProcessOptions extends EnvironmentOptions {
  /** Most bytes of memory that a child's plugins may take; past them it is killed, or fails to get more. Infinity: no limit, which is the default. */
  readonly memoryLimitBytes?: number;
  /** Milliseconds from an invocation's deadline, at which it is cancelled, until its child is killed; Infinity: never. Default 2000. */
  readonly graceMs?: number;
  /**
   * Milliseconds between signs of life. A child that could run for three times as long without one is killed.
   * Infinity: none are asked for. Default 5000.
   */
  readonly heartbeatMs?: number;
  readonly restart?: RestartOptions;
  /** The program of a child: dist/isolation/child/main.js of this package. Needed where the host is a bundle. */
  readonly childEntry?: string;
  /**
   * The absolute path of Node, which runs the children. Default: the program that runs the host. Needed where that is the
   * host itself, made into one executable file. It is asked for its version before it is trusted with a plugin.
   */
  readonly nodePath?: string;
  /**
   * Children wait for a debugger, no deadline applies, and there are no heartbeats. The environment variable
   * AISOPOD_PLUGIN_DEBUG, a plugin's id or `*`, does the same. Default false.
   */
  readonly debug?: boolean;
  /** Threads of a child for native code, 1 to 1024, one of them kept for what must not wait. Default 16. */
  readonly poolSize?: number;
  /** Called at each crash, before a restart. What it throws, or rejects with, is logged. */
  readonly onCrash?: (crash: CrashInfo) => void;
  /**
   * Called when a child that crashed is not started again: its plugins are quarantined. Where it had several, `suspect` is
   * the one that each of the crashes was of, if it was one.
   */
  readonly onGiveUp?: (crash: CrashInfo) => void;
}

/** Those of them that are filled in. */
interface FilledIn {
  readonly memoryLimitBytes?: number | undefined;
  readonly graceMs: number;
  /** Absent where no signs of life are asked for. */
  readonly heartbeatMs?: number | undefined;
  readonly restart: Required<RestartOptions>;
  readonly poolSize: number;
}

/** All that a supervisor needs. */
export interface SupervisorSettings extends Omit<ProcessOptions, keyof FilledIn>, FilledIn {
  readonly logger: Logger;
  readonly maxPayloadBytes: number;
  /** What is told may end the host: what is to be known at its next start is written down first. */
  readonly keepAway?: KeepAway | undefined;
}

/** Checked options, with the defaults filled in. */
export function fillProcessOptions(options: ProcessOptions): FilledIn {
  const { memoryLimitBytes = Infinity, heartbeatMs = 5000, graceMs = 2000, poolSize = 16 } = options;
  return {
    memoryLimitBytes: memoryLimitBytes === Infinity ? undefined : memoryLimitBytes,
    graceMs,
    heartbeatMs: heartbeatMs < NEVER_MS ? heartbeatMs : undefined,
    restart: fillRestartOptions(options.restart),
    poolSize,
  };
}
