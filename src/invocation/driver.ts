import type { InvocationError } from '../errors/index.js';
import type { Chunk } from './backend.js';
import type { Callee } from './callee.js';
import type { Invocation } from './invocation.js';

/**
 * Takes invocations to a plugin: in this process, in a child process, or to a JavaScript function. There is one driver for
 * each plugin. `Target` is a capability as the driver knows it; `Run` is the driver's data for one invocation, kept in
 * `invocation.run`.
 *
 * For each invocation the driver calls these methods of it:
 * 1. `enter`, when code of the plugin begins to run for it, or a thread is about to run it: `takenBack` if it does not, after
 *    all. `enter(false)` if that code does not hold a thread.
 * 2. `pending`, if that code has returned and the answer comes later.
 * 3. `chunk`, any number of times, before the answer.
 * 4. `succeed` or `fail`, once: the plugin's answer.
 * 5. `over`, once and always: no code of the plugin runs for it, and no report follows.
 *
 * An invocation that fails before it has begun, or is cancelled while it waits, skips 1 to 3. After `cancel` the content
 * of an answer is ignored: the caller gets the error of the cancel. `over` must still be called.
 */
export interface Driver<Target, Run> {
  /** Whether the plugin may be entered by several threads at once. If not, a call back into it is refused (rule 12). */
  readonly isThreadSafe: boolean;
  /** The maximum size of an input, in bytes of UTF-8. */
  readonly maxInputBytes: number;
  /**
   * Whether chunks may still come after `cancel`, until the driver calls `succeed` or `fail`. If not, a cancelled
   * invocation with the option `drain` delivers only the chunks that came before `cancel`.
   */
  readonly answersCancelled?: boolean;
  /** Returns an error if the plugin accepts no new invocation now, although it is open. */
  refusal?(callee: Callee): InvocationError | undefined;
  /** Starts an invocation, or queues it. Must not throw: a failure is reported with `fail` and `over`. */
  start(invocation: Invocation<Run>, target: Target, method: string, input: string): void;
  /**
   * It is about to be cancelled, and its error says whether code of the plugin runs. If `enter` was called for a thread that
   * has not begun, the driver takes it back from that thread and calls `takenBack`.
   */
  takeBack?(invocation: Invocation<Run>): void;
  /** Stops an invocation, because the host cancelled it or its deadline passed. `over` must follow, now or later. */
  cancel(invocation: Invocation<Run>, reason: unknown): void;
  /**
   * Called at the deadline, before `cancel`; also if the host cancelled the invocation earlier and `over` has not been
   * called since. Without this method, the deadline does not apply after a cancel.
   */
  onDeadline?(invocation: Invocation<Run>): void;
  /** Called once its answer is decided. From now on the plugin's chunks and completions for its id are refused. */
  onAnswered?(invocation: Invocation<Run>): void;
  /** The caller has taken this chunk. */
  onTaken?(invocation: Invocation<Run>, chunk: Chunk): void;
  /** There is room for more chunks, or no more room. */
  setRoom?(invocation: Invocation<Run>, hasRoom: boolean): void;
}
