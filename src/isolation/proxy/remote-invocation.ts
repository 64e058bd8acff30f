import { Buffer } from 'node:buffer';
import { DEFAULT_TIMEOUT_MS, type Chunk, type InvocationParent, type InvokeOptions } from '../../invocation/backend.js';
import type { Callee } from '../../invocation/callee.js';
import { InvocationError, messageOf, type PluginError } from '../../errors/index.js';
import { offAbort, onAbort } from '../../options/abort-listeners.js';
import { clockNow, deadline } from '../../options/deadline-clock.js';
import type { Measure } from '../../options/process-clock.js';
import { ChunkQueue } from '../../invocation/chunk-queue.js';
import { nextInvocationId } from '../../native/invocation.js';
import { keepAlive } from '../../options/keep-alive.js';
import { CreditAccount } from '../wire/credit-account.js';
import type { ChildEnd } from './child-inbox.js';
import type { Abandoned, PluginChild } from '../supervisor/plugin-child.js';
import type { InvokeMessage, Without } from '../wire/messages.js';
import type { InvocationSink } from './sent-invocations.js';
import { utf8Of } from '../wire/utf8.js';

export interface RemoteInvocationHooks {
  /** Its caller has been told. */
  readonly onSettled: (invocation: RemoteInvocation) => void;
  /** Sent, and accepted: it keeps no thread of the child's. */
  readonly onPending: (invocation: RemoteInvocation) => void;
  /** Its deadline passed after it was sent. `onOver` follows, or never. */
  readonly onOverdue: (invocation: RemoteInvocation) => void;
  /** Sent and over: no native code runs on its behalf, and none is to complete it. */
  readonly onOver: (invocation: RemoteInvocation) => void;
}

/** A chunk, and how much of the way it took. */
interface ArrivedChunk extends Chunk {
  readonly bytes: number;
}

export type Order = Pick<Without<InvokeMessage, 'type'>, 'plugin' | 'kind' | 'name' | 'method' | 'chainLength'>;

/** One invocation of a plugin in a child: waits in the host, is sent once at most, and ends once. The host keeps its deadline. */
export class RemoteInvocation implements InvocationSink, InvocationParent, Abandoned {
  readonly id = nextInvocationId();
  readonly promise: Promise<string>;
  readonly parent: InvocationParent | undefined;
  /** Whether a thread is inside the plugin on its behalf, as far as the host knows. */
  inside = false;
  #child: PluginChild | undefined;
  #takeBack: () => void = () => undefined;
  #stepOver: () => void = () => undefined;
  /** Since it was sent: the time in which its child could run. */
  #ran: Measure | undefined;
  readonly #began = clockNow();
  /** From then until it was sent. */
  #waitedMs = 0;
  #isOver = false;
  #isLate = false;
  #isSettled = false;
  /** What it ends with, where it was given up and what was taken before is still being delivered. */
  #ending: unknown;
  /** What it caused is not wanted any more. */
  #isAbandoned = false;
  #caused: AbortController | undefined;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;
  readonly #credit: CreditAccount;
  readonly #chunks: ChunkQueue<ArrivedChunk> | undefined;
  readonly #callOff: () => void;
  readonly #release = keepAlive();
  readonly #onAbort = (): void => this.giveUp(this.#cancelled());

  constructor(
    readonly callee: Callee,
    private readonly order: Order,
    private input: string,
    private readonly hooks: RemoteInvocationHooks,
    private readonly options: InvokeOptions,
  ) {
    this.parent = options.parent;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#credit = new CreditAccount((chunks, bytes) => this.#child?.send({ type: 'credit', id: this.id, chunks, bytes }));
    const { onChunk, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    if (onChunk !== undefined) this.#chunks = this.#queueTo(onChunk);
    this.#callOff = deadline(timeoutMs, () => this.#onDeadline(timeoutMs));
    if (signal !== undefined) onAbort(signal, this.#onAbort);
  }

  get pluginId(): string {
    return this.callee.pluginId;
  }

  /** Fires when it is given up, for what it has caused through the host's `call`. */
  get givenUp(): AbortSignal {
    this.#caused ??= new AbortController();
    if (this.#isAbandoned) this.#caused.abort(); // a call of the child's that was on its way meanwhile
    return this.#caused.signal;
  }

  /** What its child could not run of the time that it had until the deadline: it was stopped, or starved. */
  get owedMs(): number {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    return this.#isLate && this.#ran !== undefined ? Math.max(0, timeoutMs - this.#waitedMs - this.#ran.ms()) : 0;
  }

  /** It waits in the host; `takeBack` takes it out of the queue. */
  queued(takeBack: () => void): void {
    this.#takeBack = takeBack;
  }

  /** Out of the host's queue, where it is there. */
  takeBack(): void {
    this.#takeBack();
  }

  /** In UTF-16 units: what it is about to cost. */
  get inputLength(): number {
    return this.input.length;
  }

  get isSent(): boolean {
    return this.#child !== undefined;
  }

  send(child: PluginChild): void {
    const { onChunk, drain = false } = this.options;
    this.#child = child;
    try {
      child.send({ type: 'invoke', id: this.id, ...this.order, chunks: onChunk !== undefined, drain }, this.input);
    } catch (cause) {
      this.#onUnsendable(cause);
      return;
    }
    this.input = ''; // nothing is ever sent twice
    this.inside = true;
    this.#ran = child.clock.measure();
    this.#waitedMs = clockNow() - this.#began;
    this.#stepOver = child.steps.begin(this.callee.capability, this.pluginId);
    child.listen(this.id, this);
  }

  /** Ends it with an error of the host's own; the child is told. */
  giveUp(error: InvocationError): void {
    this.#ending ??= error;
    this.#cancelInChild();
    if (!this.#isOver) this.#child?.abandoned.add(this);
    // The child's answer comes behind the chunks that are still to be delivered.
    if (this.options.drain !== true || this.#child === undefined) this.#drop(error);
  }

  onPending(): void {
    this.inside = false;
    this.hooks.onPending(this);
    if (this.#ending === undefined) this.options.onPending?.();
  }

  onChunk(tag: Chunk['tag'], isText: boolean, payload: Buffer): string | undefined {
    if (!this.#credit.take(payload.length)) return 'more chunks than there was room for';
    const data = isText ? utf8Of(payload) : Buffer.from(payload);
    if (data === undefined) return 'a chunk of text that is no UTF-8';
    if (!this.#isSettled) this.#chunks?.push({ tag, data, bytes: payload.length });
    return undefined;
  }

  onResult(payload: Buffer): string | undefined {
    const text = utf8Of(payload);
    if (text === undefined) return 'a result that is no UTF-8';
    this.#over();
    this.#endAfterChunks(() => {
      if (this.#ending === undefined) this.#settle(() => this.#resolve(text));
      else this.#drop(this.#ending);
    });
    return undefined;
  }

  onFailure(error: PluginError, stillRunning: boolean): void {
    // Taken back at its deadline before native code was at it: perhaps others keep every thread that were given up.
    if (!stillRunning && this.#isLate && error.code === 'ERR_INVOCATION_CANCELLED') this.#child?.starved();
    if (!stillRunning) this.#over();
    const ending = this.#ending ?? error;
    if (this.options.drain === true) this.#endAfterChunks(() => this.#drop(ending));
    else this.#drop(ending);
  }

  onReturned(): void {
    this.#over();
  }

  onLost(end: ChildEnd): void {
    const { signal, exitCode, reason, machine, during } = end;
    this.#abandon();
    const fields = { capability: this.callee.capability, signal, exitCode, reason, machine, during };
    this.onFailure(new InvocationError('ERR_PLUGIN_CRASHED', fields, { pluginId: this.pluginId }), false);
  }

  becomeOverdue(): void {
    if (this.#child !== undefined && !this.#isOver) this.hooks.onOverdue(this);
  }

  #onUnsendable(cause: unknown): void {
    const { capability, pluginId } = this.callee;
    const fields = { capability, pointer: '', expected: 'text that memory has room for', found: messageOf(cause) };
    this.#over();
    this.#drop(new InvocationError('ERR_INVALID_PARAMETERS', fields, { pluginId, cause }));
  }

  #onDeadline(timeoutMs: number): void {
    const fields = { capability: this.callee.capability, timeoutMs, stillRunning: this.inside, waited: !this.isSent };
    this.#isLate = true;
    this.becomeOverdue();
    if (this.#isSettled) return; // it was cancelled before
    this.giveUp(new InvocationError('ERR_INVOCATION_TIMEOUT', fields, { pluginId: this.pluginId }));
  }

  #cancelled(): InvocationError {
    const context = { pluginId: this.pluginId, cause: this.options.signal?.reason as unknown };
    return new InvocationError('ERR_INVOCATION_CANCELLED', { capability: this.callee.capability, stillRunning: this.inside }, context);
  }

  #queueTo(onChunk: NonNullable<InvokeOptions['onChunk']>): ChunkQueue<ArrivedChunk> {
    const deliver = async ({ tag, data, bytes }: ArrivedChunk): Promise<void> => {
      await onChunk({ tag, data });
      this.#credit.giveBack(bytes);
    };
    const onError = (error: unknown): void => {
      this.#cancelInChild();
      this.#drop(error);
    };
    return new ChunkQueue(deliver, () => undefined, onError);
  }

  #cancelInChild(): void {
    if (this.#isOver) return;
    if (!this.#isAbandoned) this.#child?.send({ type: 'cancel', id: this.id });
    this.#abandon();
  }

  #abandon(): void {
    this.#isAbandoned = true;
    this.#caused?.abort();
  }

  /** No native code runs on its behalf, and none will. */
  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.inside = false;
    this.#ran?.stop();
    if (this.#isSettled) this.#callOff();
    this.#child?.abandoned.delete(this);
    this.#stepOver();
    this.hooks.onOver(this);
  }

  #endAfterChunks(end: () => void): void {
    if (this.#chunks === undefined) end();
    else void this.#chunks.drained().then(end);
  }

  /** Rejects now; chunks that still wait go nowhere. */
  #drop(error: unknown): void {
    this.#chunks?.close();
    this.#settle(() => this.#reject(error));
  }

  #settle(settle: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    // Native code that goes on, such as after a cancel that it does not hear, has until the deadline all the same.
    if (!this.isSent || this.#isOver) this.#callOff();
    if (this.options.signal !== undefined) offAbort(this.options.signal, this.#onAbort);
    this.#release();
    this.hooks.onSettled(this);
    settle();
  }
}
