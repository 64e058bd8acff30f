import type { ChunkTag } from '../abi/constants.js';

/** A part of an answer, ahead of it. */
export interface Chunk {
  readonly tag: ChunkTag;
  /** Text of a JSON chunk; bytes of any other. A copy: the receiver's to keep. */
  readonly data: string | Uint8Array;
}

/** An invocation as one that it causes sees it (rule 12): enough to find cycles and to count how deep calls nest. */
export interface InvocationParent {
  readonly pluginId: string;
  /** Whether a thread is inside the plugin on its behalf right now. */
  readonly inside: boolean;
  readonly parent: InvocationParent | undefined;
  /** Present where this stands for a chain of another process: how many invocations that has. */
  readonly chainLength?: number;
}

export interface InvokeOptions {
  /** Fires to cancel. One that has fired already refuses the invocation before it is sent. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now to the answer, waiting in the queue included; `Infinity` for none. Default 60 000. */
  readonly timeoutMs?: number | undefined;
  /** Gets the chunks in order, each before the answer. While a promise it returned is open, the next one waits. */
  readonly onChunk?: ((chunk: Chunk) => void | Promise<void>) | undefined;
  /**
   * What was taken before the end is delivered, however it ends: a cancelled or failed invocation rejects only after
   * `onChunk` has had it all. Without this such an end drops what still waits.
   */
  readonly drain?: boolean | undefined;
  /** Called once if the plugin has accepted the invocation and will answer it later, never after the answer. */
  readonly onPending?: (() => void) | undefined;
  /** Called when native code is through with an invocation that had been given up: has come out, or has completed it. */
  readonly onReturned?: (() => void) | undefined;
  readonly parent?: InvocationParent | undefined;
}

/** Where a capability runs: in this process, in a child, or as plain JavaScript. Payloads are JSON text. */
export interface Backend {
  /** @throws InvocationError */
  invoke(method: string, input: string, options: InvokeOptions): Promise<string>;
  /** It does not block: its invocations do not wait for the plugin's others. */
  readonly isInline?: boolean | undefined;
  /** Present where the capability is INLINE and in-process: answers on this thread, before it returns. */
  readonly invokeSync?: ((method: string, input: string) => string) | undefined;
}

export const DEFAULT_TIMEOUT_MS = 60_000;
