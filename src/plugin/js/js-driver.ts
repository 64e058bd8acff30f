import type { ChunkTag } from '../../abi/constants.js';
import type { Handler, Handlers } from '../../capability/js/handler.js';
import { messageOf } from '../../errors/index.js';
import type { Chunk } from '../../invocation/backend.js';
import type { Driver } from '../../invocation/driver.js';
import { failed, invalidReply } from '../../invocation/errors.js';
import type { Invocation } from '../../invocation/invocation.js';
import { offAbort, onAbort } from '../../options/abort-listeners.js';
import { NEVER_MS } from '../../options/never.js';

/** A chunk, and what to call when it has been delivered or dropped. */
interface EmittedChunk extends Chunk {
  readonly onTaken: () => void;
}

type JsInvocation = Invocation<AbortController>;

/** Calls JavaScript functions, under the same rules as native code: one answer, chunks before it. */
export class JsDriver implements Driver<Handlers, AbortController> {
  /** A JavaScript function may be called again at any time. */
  readonly isThreadSafe = true;
  readonly maxInputBytes = Infinity;

  start(invocation: JsInvocation, handlers: Handlers, method: string, input: string): void {
    // Only own properties: the method may be any word, such as `constructor`.
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    const stop = (invocation.run = new AbortController());
    if (invocation.timeoutMs < NEVER_MS) invocation.keepAlive();
    void this.#run(invocation, stop, handler, method, input);
  }

  cancel(invocation: JsInvocation, reason: unknown): void {
    invocation.run?.abort(reason);
    invocation.over(); // nothing waits for a function that goes on
  }

  onTaken(_invocation: JsInvocation, chunk: Chunk): void {
    (chunk as EmittedChunk).onTaken();
  }

  async #run(invocation: JsInvocation, stop: AbortController, handler: Handler | undefined, method: string, input: string): Promise<void> {
    const { callee } = invocation;
    try {
      if (handler === undefined) throw failed(callee, 'UNSUPPORTED', `it has no method "${method}"`);
      const json = encode(invocation, await this.#call(invocation, stop.signal, handler, input));
      invocation.succeed(json);
    } catch (error) {
      invocation.fail(error);
      stop.abort(error); // for work that the function has started and not awaited
    } finally {
      invocation.over();
    }
  }

  async #call(invocation: JsInvocation, signal: AbortSignal, handler: Handler, input: string): Promise<unknown> {
    invocation.enter(false);
    try {
      const emit = (tag: ChunkTag, value: unknown): Promise<void> => this.#emit(invocation, signal, tag, value);
      const answer = handler(JSON.parse(input), { signal, invocation, emit, context: invocation.context });
      invocation.pending();
      return await answer;
    } catch (cause) {
      throw failed(invocation.callee, 'FAILED', messageOf(cause), cause);
    }
  }

  #emit(invocation: JsInvocation, signal: AbortSignal, tag: ChunkTag, value: unknown): Promise<void> {
    if (signal.aborted || invocation.isAnswered || !invocation.wantsChunks) return Promise.resolve();
    const data = value instanceof Uint8Array ? value : encode(invocation, value);
    return new Promise((resolve) => {
      const onTaken = (): void => {
        offAbort(signal, onTaken);
        resolve();
      };
      const chunk: EmittedChunk = { tag, data, onTaken };
      onAbort(signal, onTaken);
      invocation.chunk(chunk);
    });
  }
}

/** The result of a function as JSON; `undefined` becomes `null`. */
function encode({ callee }: JsInvocation, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value ?? null);
  } catch (cause) {
    throw invalidReply(callee, 'a value that JSON can hold', messageOf(cause));
  }
  if (json === undefined) throw invalidReply(callee, 'a value that JSON can hold', typeof value);
  return json;
}
