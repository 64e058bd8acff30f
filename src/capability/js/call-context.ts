import type { ChunkTag } from '../../abi/constants.js';
import type { InvocationParent } from '../../invocation/backend.js';
import type { InvocationContext } from '../../invocation/context.js';
import type { Handling } from './handler.js';

/** The second argument of every function of a JavaScript plugin. */
export interface CallContext {
  /** Fires when the answer is no longer needed: after a cancellation, the deadline, or the plugin's shutdown. */
  readonly signal: AbortSignal;
  /** Pass this as `parent` when calling another capability, so that the host can detect cycles. */
  readonly invocation: InvocationParent;
  /** What the caller gave as `context`. Frozen. */
  readonly context: InvocationContext | undefined;
}

/** Sends a part of the answer early. Resolves when the receiver has processed it: await it to send no faster than that. */
export type Emit = (value: unknown) => Promise<void>;

export const contextOf = ({ signal, invocation, context }: Handling): CallContext => ({ signal, invocation, context });

/** The same, with an `emit` for chunks of one tag. */
export const emitting = (handling: Handling, tag: ChunkTag): CallContext & { readonly emit: Emit } => ({
  ...contextOf(handling),
  emit: (value) => handling.emit(tag, value),
});
