import type { ChunkTag } from '../../abi/constants.js';
import type { InvocationParent } from '../../invocation/backend.js';
import type { Handling } from './handler.js';

/** What every function of a plugin in JavaScript gets as its second argument. */
export interface CallContext {
  /** Fires when the answer is not wanted any more: cancelled, past its deadline, or the plugin is shut down. */
  readonly signal: AbortSignal;
  /** Hand it on as `parent` when calling another capability, so that cycles can be seen. */
  readonly invocation: InvocationParent;
}

/** Sends a part ahead of the answer. Resolves when the receiver has had it: await it, and a slow receiver slows you. */
export type Emit = (value: unknown) => Promise<void>;

export const contextOf = ({ signal, invocation }: Handling): CallContext => ({ signal, invocation });

/** The same, with an `emit` for chunks of one tag. */
export const emitting = (handling: Handling, tag: ChunkTag): CallContext & { readonly emit: Emit } => ({
  ...contextOf(handling),
  emit: (value) => handling.emit(tag, value),
});
