import type { PluginError } from '../../errors/index.js';
import type { PreviousLibrary } from '../../report/plugin-report.js';

/** How a host updates a plugin. */
export interface UpdateOptions {
  /** Accept files that register fewer capabilities than those that run. Default: that of the option `updates` of the host, or false. */
  readonly allowFewer?: boolean;
  /** Start the new generation without the state of the one that runs: neither `save` nor `restore` is called. Default false. */
  readonly discardState?: boolean;
}

/** One loaded copy of a plugin. */
export interface LoadedVersion {
  readonly version: string;
  /** Counts the registrations of the plugin in this host, from 1. */
  readonly generation: number;
}

/**
 * What `update` did. `updated`: calls go to the new generation; `previousLibrary` says what is known about the library of the one before,
 * if that is in the host's process, and the report says later what became of it. `started`: the plugin was not active and is now. `unchanged`: the
 * folder has the files that run. `kept`: the generation that ran is still active, because of `error`. `refused`: the plugin was
 * not active and is not now, because of `error`. `stateBytes`: the size of the state that the new generation took from the one before,
 * if it took one (aisopod.handover/1).
 */
export type UpdateResult =
  | ({ readonly outcome: 'updated'; readonly id: string; readonly replaced: LoadedVersion; readonly stateBytes?: number; readonly previousLibrary?: PreviousLibrary } & LoadedVersion)
  | ({ readonly outcome: 'started'; readonly id: string } & LoadedVersion)
  | { readonly outcome: 'unchanged'; readonly id: string }
  | { readonly outcome: 'kept' | 'refused'; readonly id: string; readonly error: PluginError };
