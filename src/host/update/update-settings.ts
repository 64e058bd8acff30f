import { timerMilliseconds, trueOrFalse } from '../../options/fields.js';
import { group } from '../../options/group.js';

/** How a host updates plugins. */
export interface UpdatesOptions {
  /** How long open invocations of a generation that was replaced may take, in milliseconds; then they are cancelled. Default 60 000. */
  readonly drainMs?: number;
  /** If a new generation in a child process crashes within this time, in milliseconds, the one before takes over again. Default 10 000; 0: never. */
  readonly probationMs?: number;
  /** Accept a new generation that registers fewer capabilities. Default false. */
  readonly allowFewer?: boolean;
}

export type UpdateSettings = Required<UpdatesOptions>;

export const updatesOption = group<UpdatesOptions>({
  drainMs: timerMilliseconds(),
  probationMs: timerMilliseconds({ orZero: true }),
  allowFewer: trueOrFalse,
});

export const fillUpdateSettings = ({ drainMs = 60_000, probationMs = 10_000, allowFewer = false }: UpdatesOptions = {}): UpdateSettings => ({ drainMs, probationMs, allowFewer });
