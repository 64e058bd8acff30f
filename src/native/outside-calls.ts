import { PluginQueue } from './runners/plugin-queue.js';
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

/** The queue of a plugin. One that is not thread-safe shares the one thread that makes its outside calls. */
export function queueFor({ isThreadSafe, wantsOneThread }: { readonly isThreadSafe: boolean; readonly wantsOneThread: boolean }, outside: OutsideCalls | undefined): PluginQueue {
  if (outside === undefined || isThreadSafe) return new PluginQueue({ isThreadSafe, isDedicated: wantsOneThread });
  return new PluginQueue({ isDedicated: true, waitsForRelease: !wantsOneThread }, outside.threads);
}
