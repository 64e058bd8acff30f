import type { ThreadLender } from './runners/thread-pool.js';

/**
 * Calls of one plugin that do not go through its queue: a thread takes them from elsewhere. As long as such a call is simple, the
 * plugin's object does not know it. It becomes known ("adopted") when more is to be done than to return its answer.
 */
export interface OutsideCalls {
  /** Lends the thread that makes these calls, so that no other is inside the plugin. */
  readonly threads: ThreadLender;
  /** If a call of the invocation `id` runs, makes it known with `NativePlugin.adopt`. */
  adopt(id: number): void;
  /** The same for whichever runs. Resolves when none runs any more. */
  settle(): Promise<void>;
}
