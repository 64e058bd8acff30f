import type { InvocationError } from '../errors/index.js';
import type { Chunk } from './backend.js';
import type { Callee } from './callee.js';
import type { Invocation } from './invocation.js';

/**
 * How invocations get to a plugin: in this process, in a child, or to a JavaScript function. It starts each when its turn
 * comes, and tells of it through the invocation's methods: `enter`, `pending`, `chunk`, `succeed` or `fail`, and `over`.
 *
 * `Target` is a capability as the driver knows it; `Run` is what the driver keeps of each invocation.
 */
export interface Driver<Target, Run> {
  /** Several invocations may be inside the plugin at once. Else a call back into it is refused (rule 12). */
  readonly isThreadSafe: boolean;
  /** Most bytes of an input. */
  readonly maxInputBytes: number;
  /** After `cancel` chunks go on coming until the answer. Else what has come by then is all. */
  readonly answersCancelled?: boolean;
  /** Why nothing new may go in, though the plugin is open. */
  refusal?(callee: Callee): InvocationError | undefined;
  start(invocation: Invocation<Run>, target: Target, method: string, input: string): void;
  /** It was given up, and ends with `reason`: what is at it is to stop. `over` follows, at once or later. */
  cancel(invocation: Invocation<Run>, reason: unknown): void;
  /** Its deadline has passed, perhaps after it was given up. Where this is absent a deadline ends with the invocation. */
  onDeadline?(invocation: Invocation<Run>): void;
  /** Its answer is decided: to the plugin its id is stale from here. */
  onAnswered?(invocation: Invocation<Run>): void;
  /** Its receiver has had this chunk. */
  onTaken?(invocation: Invocation<Run>, chunk: Chunk): void;
  /** Whether there is room for more chunks. */
  setRoom?(invocation: Invocation<Run>, hasRoom: boolean): void;
}
