import type { ChunkTag } from '../../abi/constants.js';
import { InvocationError, messageOf } from '../../errors/index.js';
import { offAbort, onAbort } from '../../options/abort-listeners.js';
import { deadline } from '../../options/deadline-clock.js';
import { DEFAULT_TIMEOUT_MS, type Chunk, type InvocationParent, type InvokeOptions } from '../../invocation/backend.js';
import type { Handler } from '../../capability/js/handler.js';
import type { Callee } from '../../invocation/callee.js';
import { invalidReply } from '../../capability/reply.js';

/** One call of a JavaScript function, under the same rules as a native invocation: one answer, chunks before it. */
export class JsInvocation implements InvocationParent {
  readonly promise: Promise<string>;
  readonly parent: InvocationParent | undefined;
  /** JavaScript may be re-entered at any time, so nobody is ever "inside" it. */
  readonly inside = false;
  readonly #stop = new AbortController();
  readonly #callOff: () => void;
  /** Every chunk so far has been through the receiver. */
  #delivered: Promise<void> = Promise.resolve();
  #takesChunks = true;
  #delivers = true;
  #resolve!: (json: string) => void;
  #reject!: (error: unknown) => void;
  readonly #onAbort = (): void => this.giveUp(cancelled(this.callee, this.options.signal));

  constructor(
    readonly callee: Callee,
    private readonly options: InvokeOptions,
  ) {
    this.parent = options.parent;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    this.#callOff = deadline(timeoutMs, () => this.giveUp(timedOut(callee, timeoutMs)), { keepsRunning: true });
    if (signal !== undefined) onAbort(signal, this.#onAbort);
  }

  get pluginId(): string {
    return this.callee.pluginId;
  }

  async run(handler: Handler, input: string): Promise<void> {
    try {
      const json = this.#encode(await this.#call(handler, input));
      this.#takesChunks = false;
      await this.#delivered;
      this.#settle(() => this.#resolve(json));
    } catch (error) {
      this.giveUp(error);
    }
  }

  async #call(handler: Handler, input: string): Promise<unknown> {
    try {
      const emit = (tag: ChunkTag, value: unknown): Promise<void> => this.#emit(tag, value);
      const answer = handler(JSON.parse(input), { signal: this.#stop.signal, invocation: this, emit });
      this.options.onPending?.();
      return await answer;
    } catch (cause) {
      const { capability, pluginId } = this.callee;
      const fields = { capability, status: 'FAILED', reason: messageOf(cause) };
      throw new InvocationError('ERR_INVOCATION_FAILED', fields, { pluginId, cause });
    }
  }

  /** Ends it ahead of an answer; the function is told by its signal. */
  giveUp(error: unknown): void {
    this.#takesChunks = false;
    this.#stop.abort(error);
    if (this.options.drain === true) void this.#delivered.then(() => this.#drop(error));
    else this.#drop(error);
  }

  /** Rejects now; chunks that still wait go nowhere. */
  #drop(error: unknown): void {
    this.#takesChunks = false;
    this.#delivers = false;
    this.#stop.abort(error);
    this.#settle(() => this.#reject(error));
  }

  #emit(tag: ChunkTag, value: unknown): Promise<void> {
    const { onChunk } = this.options;
    if (!this.#takesChunks || onChunk === undefined) return Promise.resolve();
    const chunk: Chunk = { tag, data: value instanceof Uint8Array ? value : this.#encode(value) };
    this.#delivered = this.#delivered.then(async () => {
      try {
        if (this.#delivers) await onChunk(chunk);
      } catch (error) {
        this.#drop(error);
      }
    });
    return this.#delivered;
  }

  /** What a function gives, as JSON; nothing is `null`. */
  #encode(value: unknown): string {
    let json: string | undefined;
    try {
      json = JSON.stringify(value ?? null);
    } catch (cause) {
      throw invalidReply(this.callee, 'a value that JSON can hold', messageOf(cause));
    }
    if (json === undefined) throw invalidReply(this.callee, 'a value that JSON can hold', typeof value);
    return json;
  }

  /** A promise takes its first outcome, so the second of two endings changes nothing. */
  #settle(settle: () => void): void {
    this.#callOff();
    if (this.options.signal !== undefined) offAbort(this.options.signal, this.#onAbort);
    settle();
  }
}

export function cancelled({ capability, pluginId }: Callee, signal: AbortSignal | undefined): InvocationError {
  const context = { pluginId, cause: signal?.reason as unknown };
  return new InvocationError('ERR_INVOCATION_CANCELLED', { capability, stillRunning: false }, context);
}

/** `stillRunning` is for native code, which may be stuck; a function that is still at it holds nothing up. */
const timedOut = ({ capability, pluginId }: Callee, timeoutMs: number): InvocationError =>
  new InvocationError('ERR_INVOCATION_TIMEOUT', { capability, timeoutMs, stillRunning: false, waited: false }, { pluginId });
