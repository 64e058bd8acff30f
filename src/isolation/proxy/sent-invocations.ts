import type { Callee } from '../../invocation/callee.js';
import type { PluginError } from '../../errors/index.js';
import type { ChildEnd } from './child-inbox.js';
import { errorOfPlugin } from '../wire/error-record.js';
import type { ChildMessage } from '../wire/messages.js';

type Message<T extends ChildMessage['type']> = Extract<ChildMessage, { readonly type: T }>;

/** Of an invocation. */
export type InvocationMessage = Message<'pending' | 'chunk' | 'result' | 'returned' | 'failure'>;

/** An invocation as the child's messages find it. Those with a result return what was wrong with the message. */
export interface InvocationSink {
  readonly callee: Callee;
  onPending(): void;
  onChunk(tag: Message<'chunk'>['tag'], isText: boolean, payload: Buffer): string | undefined;
  onResult(payload: Buffer): string | undefined;
  onFailure(error: PluginError, stillRunning: boolean): void;
  onReturned(): void;
  /** The child is gone; nothing more comes. */
  onLost(end: ChildEnd): void;
}

interface SentInvocation {
  readonly sink: InvocationSink;
  /** What has been said of it: `failed` is answered, and native code is still at it. */
  stage: 'sent' | 'pending' | 'failed';
}

/**
 * Invocations that a child was sent and that are not over there. Each is told of in order, and answered once. One stays here
 * until a message that ends it has been found good: whoever waits for it is told when the child is gone, at the latest.
 */
export class SentInvocations {
  readonly #open = new Map<number, SentInvocation>();

  add(id: number, sink: InvocationSink): void {
    this.#open.set(id, { sink, stage: 'sent' });
  }

  /** Returns what is wrong with the message, if something is. */
  take(message: InvocationMessage, payload: Buffer): string | undefined {
    const { type, id } = message;
    const invocation = this.#open.get(id);
    if (invocation === undefined) return `a ${type} of invocation ${id}, which is not open`;
    const { sink, stage } = invocation;
    switch (type) {
      case 'pending':
        if (stage !== 'sent') return outOfOrder(message, stage);
        invocation.stage = 'pending';
        sink.onPending();
        return undefined;
      case 'chunk':
        return sink.onChunk(message.tag, message.isText, payload);
      case 'result': {
        if (stage === 'failed') return outOfOrder(message, stage);
        const problem = sink.onResult(payload);
        if (problem === undefined) this.#open.delete(id);
        return problem;
      }
      case 'failure':
        if (stage === 'failed') return outOfOrder(message, stage);
        return this.#fail(invocation, message);
      case 'returned':
        if (stage !== 'failed') return outOfOrder(message, stage);
        this.#open.delete(id);
        sink.onReturned();
        return undefined;
    }
  }

  close(end: ChildEnd): void {
    const invocations = [...this.#open.values()];
    this.#open.clear();
    for (const { sink } of invocations) sink.onLost(end);
  }

  #fail(invocation: SentInvocation, { id, error, stillRunning }: Message<'failure'>): string | undefined {
    // Only what was given up is answered before native code is through with it.
    if (stillRunning && error.code !== 'ERR_INVOCATION_CANCELLED') return `a failure with ${error.code} of what still runs`;
    invocation.sink.onFailure(errorOfPlugin(error, invocation.sink.callee), stillRunning);
    if (stillRunning) invocation.stage = 'failed';
    else this.#open.delete(id);
    return undefined;
  }
}

const outOfOrder = ({ type, id }: InvocationMessage, stage: SentInvocation['stage']): string => `a ${type} of invocation ${id}, which is ${stage}`;
