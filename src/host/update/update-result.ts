import type { PluginError } from '../../errors/index.js';

/** How a host updates a plugin. */
export interface UpdateOptions {
  /** Accept files that register fewer capabilities than those that run. Default: that of the option `updates` of the host, or false. */
  readonly allowFewer?: boolean;
}

/** One loaded copy of a plugin. */
export interface LoadedVersion {
  readonly version: string;
  /** Counts the registrations of the plugin in this host, from 1. */
  readonly generation: number;
}

/**
 * What `update` did. `updated`: calls go to the new generation. `started`: the plugin was not active and is now. `unchanged`: the
 * folder has the files that run. `kept`: the generation that ran is still active, because of `error`. `refused`: the plugin was
 * not active and is not now, because of `error`.
 */
export type UpdateResult =
  | ({ readonly outcome: 'updated'; readonly id: string; readonly replaced: LoadedVersion } & LoadedVersion)
  | ({ readonly outcome: 'started'; readonly id: string } & LoadedVersion)
  | { readonly outcome: 'unchanged'; readonly id: string }
  | { readonly outcome: 'kept' | 'refused'; readonly id: string; readonly error: PluginError };
