import type { ChunkTag } from '../../abi/constants.js';
import type { InvocationParent } from '../../invocation/backend.js';

/** What a function of a plugin in JavaScript gets beside its input. */
export interface Handling {
  /** Fires when the answer is not wanted any more: cancelled, past its deadline, or the plugin is shut down. */
  readonly signal: AbortSignal;
  /** Hand it on as `parent` when calling another capability, so that cycles can be seen. */
  readonly invocation: InvocationParent;
  /** Sends a chunk ahead of the answer. Resolves when the receiver has had it; after the end it does nothing. */
  emit(tag: ChunkTag, value: unknown): Promise<void>;
}

/** A method of a capability: input parsed from JSON, and what it returns goes out as JSON. */
export type Handler = (input: unknown, handling: Handling) => unknown;

/** What a capability in JavaScript can do, by the header's methods. */
export type Handlers = Readonly<Partial<Record<string, Handler>>>;
