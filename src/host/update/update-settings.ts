import { callback, count, timerMilliseconds, trueOrFalse } from '../../options/fields.js';
import { group } from '../../options/group.js';
import type { OnUpdate } from './update-diff.js';

/** How a host updates plugins. */
export interface UpdatesOptions {
  /** How long open invocations of a generation that was replaced may take, in milliseconds; then they are cancelled. Default 60 000. */
  readonly drainMs?: number;
  /** If a new generation in a child process crashes within this time, in milliseconds, the one before takes over again. Default 10 000; 0: never. */
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
}

export type UpdateSettings = Required<Omit<UpdatesOptions, 'onUpdate'>> & Pick<UpdatesOptions, 'onUpdate'>;

export const updatesOption = group<UpdatesOptions>({
  drainMs: timerMilliseconds(),
  probationMs: timerMilliseconds({ orZero: true }),
  allowFewer: trueOrFalse,
  onUpdate: callback(),
  maxKept: count(0),
});

export const fillUpdateSettings = ({ drainMs = 60_000, probationMs = 10_000, allowFewer = false, maxKept = 8, onUpdate }: UpdatesOptions = {}): UpdateSettings => ({
  drainMs,
  probationMs,
  allowFewer,
  maxKept,
  ...(onUpdate && { onUpdate }),
});
