import { callback, count, timerMilliseconds, trueOrFalse } from '../../options/fields.js';
import { fillProcessOptions } from '../../isolation/supervisor/process-options.js';
import { group } from '../../options/group.js';
import type { OwnCopy } from '../../loader/own-copy.js';
import type { PluginHostOptions } from '../host-options.js';
import type { OnUpdate } from './update-diff.js';

/** How a host updates plugins. */
export interface UpdatesOptions {
  /** How long open invocations of a generation that was replaced may take, in milliseconds; then they are cancelled. Default 60 000. */
  readonly drainMs?: number;
  /**
   * If a new generation crashes its child process within this time, in milliseconds, or does not return from a call by its deadline, the one
   * before takes over again. Default 10 000; 0: never.
   */
  readonly probationMs?: number;
  /** Accept a new generation that registers fewer capabilities. Default false. */
  readonly allowFewer?: boolean;
  /**
   * Called if the manifest of the new files declares more capabilities or permissions. Must return `true`; any other value refuses them.
   * Default: accepts them, unless `trust.locked` is `require`.
   */
  readonly onUpdate?: OnUpdate;
  /** How many earlier libraries of a plugin may stay mapped in this process. Then the plugin is not updated in-process. Default 8. */
  readonly maxKept?: number;
  /**
   * A plugin whose folder has at most this many bytes runs from a private copy from the start, so that its files may be replaced at any time.
   * A larger one runs from its folder until its first update. 0: all do. Default 64 MiB; with `watch`, all are copied.
   */
  readonly maxFirstCopyBytes?: number;
}

export interface UpdateSettings extends Required<Omit<UpdatesOptions, 'onUpdate' | 'maxFirstCopyBytes'>>, Pick<UpdatesOptions, 'onUpdate'> {
  /** How long an invocation may be past its deadline, also in this process. */
  readonly graceMs: number;
}

export const updatesOption = group<UpdatesOptions>({
  drainMs: timerMilliseconds(),
  probationMs: timerMilliseconds({ orZero: true }),
  allowFewer: trueOrFalse,
  onUpdate: callback(),
  maxKept: count(0),
  maxFirstCopyBytes: count(0),
});

export function updateSettings({ updates = {}, processes = {} }: Pick<PluginHostOptions, 'updates' | 'processes'>): UpdateSettings {
  const { drainMs = 60_000, probationMs = 10_000, allowFewer = false, maxKept = 8, onUpdate } = updates;
  const { graceMs } = fillProcessOptions(processes);
  return { drainMs, probationMs, allowFewer, maxKept, graceMs, ...(onUpdate && { onUpdate }) };
}

const MAX_FIRST_COPY_BYTES = 64 * 1024 ** 2;

/** The private copy from which the first generation of a plugin runs. Copying a large folder would make every start slow. */
export function firstCopy({ watch = false, updates = {} }: Pick<PluginHostOptions, 'watch' | 'updates'>): OwnCopy | undefined {
  const { maxFirstCopyBytes = watch === false ? MAX_FIRST_COPY_BYTES : Infinity } = updates;
  return maxFirstCopyBytes === 0 ? undefined : { ifAtMost: maxFirstCopyBytes };
}
