import type { ChunkTag } from '../abi/constants.js';
import type { InvocationContext } from './context.js';

/** A part of an answer, sent before the answer. */
export interface Chunk {
  readonly tag: ChunkTag;
  /** Text if the chunk is JSON, else bytes. The receiver owns it. */
  readonly data: string | Uint8Array;
}

/** The invocation on whose behalf another one is made (rule 12): enough to find cycles and to count how deep calls nest. */
export interface InvocationParent {
  readonly pluginId: string;
  /** Whether a thread is inside the plugin for it now. */
  readonly inside: boolean;
  readonly parent: InvocationParent | undefined;
  /** Present if this represents a chain in another process: the number of invocations in it. */
  readonly chainLength?: number;
}

export interface InvokeOptions {
  /** Cancels the invocation. If it is aborted already, the invocation is refused before it starts. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now to the answer, including the wait in the queue. `Infinity`: no deadline. Default 60 000. */
  readonly timeoutMs?: number | undefined;
  /** Gets the chunks in order, before the answer. If it returns a promise, the next chunk waits until that is settled. */
  readonly onChunk?: ((chunk: Chunk) => void | Promise<void>) | undefined;
  /**
   * Delivers every chunk that was accepted, even if the invocation is cancelled or fails: it rejects after the last one.
   * Without this option, chunks that still wait are dropped then.
   */
  readonly drain?: boolean | undefined;
  /** Called at most once, before the answer: the plugin has accepted the invocation and will answer later. */
  readonly onPending?: (() => void) | undefined;
  /** Called if the invocation was cancelled after it began: the plugin's code has returned or completed it now. */
  readonly onReturned?: (() => void) | undefined;
  readonly parent?: InvocationParent | undefined;
  /**
   * A JSON object of at most 64 KiB, which the plugin gets with the input. Calls that the plugin makes on behalf of this invocation carry it
   * too. Default: that of `parent`.
   */
  readonly context?: InvocationContext | undefined;
}

/** Invokes one capability, wherever its plugin runs: in this process, in a child process, or as JavaScript. Payloads are JSON text. */
export interface Backend {
  /** @throws InvocationError */
  invoke(method: string, input: string, options: InvokeOptions): Promise<string>;
  /** The capability does not block, so its invocations do not wait for others of the plugin. */
  readonly isInline?: boolean | undefined;
  /** Invokes on this thread and returns the answer. Present if the capability is INLINE and in this process. */
  readonly invokeSync?: ((method: string, input: string) => string) | undefined;
  /** The same object for all generations of the plugin. @internal */
  readonly route?: BackendRoute | undefined;
}

/** Where invocations of one capability go. */
export interface BackendRoute {
  /** Calls `listener` whenever they go to another generation of the plugin from now on. Returns a function that ends this. */
  onSwitch(listener: () => void): () => void;
}

export const DEFAULT_TIMEOUT_MS = 60_000;
