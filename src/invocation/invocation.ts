import type { InvocationError } from '../errors/index.js';
import { offAbort, onAbort } from '../options/abort-listeners.js';
import { clockNow, unwatch, watch, type Expiring } from '../options/deadline-clock.js';
import { NEVER_MS } from '../options/never.js';
import { DEFAULT_TIMEOUT_MS, type Chunk, type InvocationParent, type InvokeOptions } from './backend.js';
import type { Callee } from './callee.js';
import { ChunkQueue } from './chunk-queue.js';
import type { InvocationContext } from './context.js';
import { Delivery } from './delivery.js';
import type { Driver } from './driver.js';
import { cancelled, timedOut } from './errors.js';
import { RemoteOrigin } from './remote-origin.js';

/** Ids are never reused (rule 16): one counter for the whole process. */
let lastId = 0;
export const nextInvocationId = (): number => ++lastId;

/**
 * One call of a capability, from its admission until the plugin has finished with it. Its caller gets one answer: the
 * plugin's, or an error when the invocation is cancelled or reaches its deadline. What the plugin reports later is ignored.
 */
export class Invocation<Run = unknown> implements InvocationParent, Expiring {
  readonly id: number;
  readonly parent: InvocationParent | undefined;
  readonly deadline: number;
  /** Data of the driver. */
  run: Run | undefined;
  /** Whether a thread is inside the plugin for this invocation, as far as this process knows: a child reports it late. */
  inside = false;
  #began = false;
  #isOver = false;
  #cancelledBy: 'host' | 'deadline' | undefined;
  #isAnswered = false;
  /** The error to reject with when the driver has reported the last chunk. */
  #pendingError: { readonly error: unknown } | undefined;
  readonly #delivery: Delivery;
  readonly #onAbort: (() => void) | undefined;
  /** Its slot in the deadline clock. */
  #watched: number | undefined;
  #isNestedAborted = false;
  #nested: AbortController | undefined;

  constructor(
    readonly callee: Callee,
    private readonly driver: Driver<never, Run>,
    private readonly options: InvokeOptions,
    /** Called when it is over and its caller has been answered. */
    private readonly onClosed: (invocation: Invocation<Run>) => void,
  ) {
    const { parent, onChunk, signal } = options;
    this.parent = parent;
    this.id = parent instanceof RemoteOrigin ? parent.id : nextInvocationId();
    this.#delivery = new Delivery(onChunk && this.#queueTo(onChunk), this);
    const { timeoutMs } = this;
    this.deadline = clockNow() + timeoutMs;
    if (timeoutMs < NEVER_MS) this.#watched = watch(this);
    if (signal === undefined) return;
    this.#onAbort = () => {
      this.driver.takeBack?.(this);
      this.cancel(cancelled(callee, signal, this.inside));
    };
    onAbort(signal, this.#onAbort);
  }

  /** The context of `parent`, if that is an open invocation of this plugin. An object that only resembles one has none. */
  static contextOf(parent: InvocationParent | undefined, pluginId: string): InvocationContext | undefined {
    return parent instanceof Invocation && #isOver in parent && !parent.#isOver && parent.pluginId === pluginId ? parent.context : undefined;
  }

  get promise(): Promise<string> {
    return this.#delivery.promise;
  }

  get pluginId(): string {
    return this.callee.pluginId;
  }

  get context(): InvocationContext | undefined {
    return this.options.context;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Whether the plugin's code has been entered for it. */
  get began(): boolean {
    return this.#began;
  }

  /** Whether its answer is decided, even if chunks are still to be delivered before it. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Whether the plugin has finished with it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Set if it was cancelled: by the host, or by its deadline. */
  get cancelledBy(): 'host' | 'deadline' | undefined {
    return this.#cancelledBy;
  }

  /** Whether the caller wants to know when the plugin has finished with it, after it was cancelled. */
  get wantsReturn(): boolean {
    return this.options.onReturned !== undefined;
  }

  get wantsChunks(): boolean {
    return this.#delivery.wantsChunks;
  }

  /** Whether all chunks are to be delivered even if it is cancelled or fails. */
  get drains(): boolean {
    return this.options.drain === true;
  }

  /** Whether too many chunks wait for the caller. */
  get isFull(): boolean {
    return this.#delivery.isFull;
  }

  /** For the calls that the plugin makes on its behalf: aborted when it is cancelled. */
  get nestedSignal(): AbortSignal {
    this.#nested ??= new AbortController();
    if (this.#isNestedAborted) this.#nested.abort(); // for a call that was on its way
    return this.#nested.signal;
  }

  // The driver reports through these methods; see driver.ts for their order.

  enter(isInside = true): void {
    this.#began = true;
    this.inside = isInside;
  }

  takenBack(): void {
    this.#began = this.inside = false;
  }

  pending(): void {
    this.inside = false;
    if (!this.#isAnswered) this.options.onPending?.();
  }

  chunk(chunk: Chunk): void {
    this.#delivery.push(chunk);
  }

  succeed(text: string): void {
    if (this.#takeAnswer()) this.#delivery.resolve(text);
  }

  fail(error: unknown): void {
    if (this.#takeAnswer()) this.#reject(error);
  }

  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.inside = false;
    if (this.#delivery.isSettled) this.#close();
    if (this.#cancelledBy !== undefined && this.#began) this.options.onReturned?.();
  }

  /** Keeps the process running until its caller is answered. */
  keepAlive(): void {
    this.#delivery.keepAlive();
  }

  /** Tells the driver to stop, and rejects with `error`; if all chunks are to be delivered, after the last one. */
  cancel(error: InvocationError, by: 'host' | 'deadline' = 'host'): void {
    this.#stop(error, by);
    if (this.#pendingError !== undefined || this.#delivery.isSettled) return;
    if (this.drains && this.#began && !this.#isOver && this.driver.answersCancelled === true) this.#pendingError = { error };
    else this.#reject(error);
  }

  /** Cancels the calls that the plugin made on its behalf. */
  abortNested(): void {
    this.#isNestedAborted = true;
    this.#nested?.abort();
  }

  /** Called by the deadline clock, or by who has waited for it on this thread. */
  expire(): void {
    this.#unwatch();
    if (!this.#isAnswered) this.driver.takeBack?.(this);
    const error = timedOut(this.callee, this.timeoutMs, this.inside, !this.#began);
    this.driver.onDeadline?.(this);
    this.cancel(error, 'deadline');
  }

  /** Called by its delivery. */
  onSettled(): void {
    // After a cancel the plugin still has until the deadline, if the driver can enforce that.
    if (this.#isOver) this.#close();
    else if (this.driver.onDeadline === undefined || !this.#began) this.#unwatch();
    if (this.#onAbort !== undefined && this.options.signal !== undefined) offAbort(this.options.signal, this.#onAbort);
  }

  #stop(reason: unknown, by: 'host' | 'deadline'): void {
    if (this.#isAnswered) return;
    this.#cancelledBy = by;
    this.driver.cancel(this, reason);
    this.abortNested();
    this.#decideAnswer();
  }

  /** Whether the plugin's answer counts. If it was cancelled, the answer only marks the end of its chunks. */
  #takeAnswer(): boolean {
    if (!this.#isAnswered) {
      this.#decideAnswer();
      return true;
    }
    const pending = this.#pendingError;
    this.#pendingError = undefined;
    if (pending !== undefined) this.#reject(pending.error);
    return false;
  }

  #decideAnswer(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.driver.onAnswered?.(this);
  }

  #reject(error: unknown): void {
    if (this.drains) this.#delivery.rejectDrained(error);
    else this.#delivery.reject(error);
  }

  #queueTo(onChunk: NonNullable<InvokeOptions['onChunk']>): ChunkQueue {
    const { driver } = this;
    const deliver = async (chunk: Chunk): Promise<void> => {
      await onChunk(chunk);
      driver.onTaken?.(this, chunk);
    };
    const setRoom = (hasRoom: boolean): void => {
      if (!this.#isAnswered) driver.setRoom?.(this, hasRoom);
    };
    return new ChunkQueue(deliver, setRoom, (error) => {
      this.#stop(error, 'host');
      this.#delivery.reject(error);
    });
  }

  #close(): void {
    this.#unwatch();
    this.onClosed(this);
  }

  #unwatch(): void {
    if (this.#watched !== undefined) unwatch(this.#watched, this);
    this.#watched = undefined;
  }
}
