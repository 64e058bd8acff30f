import type { ChunkTag } from '../../abi/constants.js';
import type { InvocationParent } from '../../invocation/backend.js';
import type { InvocationContext } from '../../invocation/context.js';

/** What a function of a JavaScript plugin gets in addition to its input. */
export interface Handling {
  /** Fires when the answer is no longer needed: after a cancellation, the deadline, or the plugin's shutdown. */
  readonly signal: AbortSignal;
  /** Pass this as `parent` when calling another capability, so that the host can detect cycles. */
  readonly invocation: InvocationParent;
  /** What the caller gave as `context`. Frozen. */
  readonly context: InvocationContext | undefined;
  /** Sends a chunk before the answer. Resolves when the receiver has processed it. Does nothing after the end of the invocation. */
  emit(tag: ChunkTag, value: unknown): Promise<void>;
}

/** A method of a capability. Its input is parsed from JSON, and its result is sent as JSON. */
export type Handler = (input: unknown, handling: Handling) => unknown;

/** The methods of a capability in JavaScript, by their names in the header. */
export type Handlers = Readonly<Partial<Record<string, Handler>>>;
