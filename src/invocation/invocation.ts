import type { InvocationError } from '../errors/index.js';
import { offAbort, onAbort } from '../options/abort-listeners.js';
import { clockNow, unwatch, watch, type Expiring } from '../options/deadline-clock.js';
import { keepAlive } from '../options/keep-alive.js';
import { NEVER_MS } from '../options/never.js';
import { DEFAULT_TIMEOUT_MS, type Chunk, type InvocationParent, type InvokeOptions } from './backend.js';
import type { Callee } from './callee.js';
import { ChunkQueue } from './chunk-queue.js';
import type { Driver } from './driver.js';
import { cancelled, timedOut } from './errors.js';
import { RemoteOrigin } from './remote-origin.js';

/** Ids are never used again (rule 16): one counter for the whole process. */
let lastId = 0;
export const nextInvocationId = (): number => ++lastId;

/**
 * One call of a capability, from when it is let in until nothing of the plugin is at it any more. Its caller is answered
 * once, at the latest when it is given up; what the plugin says afterwards changes nothing.
 */
export class Invocation<Run = unknown> implements InvocationParent, Expiring {
  readonly id: number;
  readonly promise: Promise<string>;
  readonly parent: InvocationParent | undefined;
  readonly deadline: number;
  /** The driver's own. */
  run: Run | undefined;
  #began = false;
  #inside = false;
  #isOver = false;
  #givenUpBy: 'cancel' | 'deadline' | undefined;
  #isAnswered = false;
  #isSettled = false;
  #isAbandoned = false;
  /** What it ends with, once the driver has said that no more chunks come. */
  #ending: { readonly error: unknown } | undefined;
  readonly #chunks: ChunkQueue | undefined;
  readonly #onAbort: (() => void) | undefined;
  #watched: number | undefined;
  #release: (() => void) | undefined;
  #caused: AbortController | undefined;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;

  constructor(
    readonly callee: Callee,
    private readonly driver: Driver<never, Run>,
    private readonly options: InvokeOptions,
    /** Called when it is over and its caller has been told. */
    private readonly onClosed: (invocation: Invocation<Run>) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { parent, onChunk, signal } = options;
    this.parent = parent;
    this.id = parent instanceof RemoteOrigin ? parent.id : nextInvocationId();
    if (onChunk !== undefined) this.#chunks = this.#queueTo(onChunk);
    const { timeoutMs } = this;
    this.deadline = clockNow() + timeoutMs;
    if (timeoutMs < NEVER_MS) this.#watched = watch(this);
    if (signal === undefined) return;
    this.#onAbort = () => this.giveUp(cancelled(callee, signal, this.#inside));
    onAbort(signal, this.#onAbort);
  }

  get pluginId(): string {
    return this.callee.pluginId;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Whether code of the plugin has been at it. */
  get began(): boolean {
    return this.#began;
  }

  /** Whether a thread is inside the plugin on its behalf, as far as is known: a child tells its host late. */
  get inside(): boolean {
    return this.#inside;
  }

  set inside(inside: boolean) {
    this.#inside = inside;
  }

  /** Whether its caller has an answer, or is about to get one that was decided. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What made its caller give it up, where something did. */
  get givenUpBy(): 'cancel' | 'deadline' | undefined {
    return this.#givenUpBy;
  }

  /** Whether somebody wants to know when the plugin is through with it, after it was given up. */
  get isAwaited(): boolean {
    return this.options.onReturned !== undefined;
  }

  get wantsChunks(): boolean {
    return this.#chunks !== undefined;
  }

  get drains(): boolean {
    return this.options.drain === true;
  }

  get isFull(): boolean {
    return this.#chunks?.isFull ?? false;
  }

  /** Fires when it is given up, for what it has caused. */
  get givenUp(): AbortSignal {
    this.#caused ??= new AbortController();
    if (this.#isAbandoned) this.#caused.abort(); // a call that was on its way meanwhile
    return this.#caused.signal;
  }

  // Told by the driver.

  /** Code of the plugin begins on its behalf; `inside`: on a thread that is not free before it returns. */
  enter(inside = true): void {
    this.#began = true;
    this.#inside = inside;
  }

  /** The plugin has accepted it and will answer later. */
  pending(): void {
    this.#inside = false;
    if (!this.#isAnswered) this.options.onPending?.();
  }

  /** Keeps the process running until its caller is answered. */
  keepAlive(): void {
    if (!this.#isSettled) this.#release ??= keepAlive();
  }

  /** Takes a chunk; without a receiver it is dropped. */
  chunk(chunk: Chunk): void {
    if (!this.#isSettled) this.#chunks?.push(chunk);
  }

  succeed(text: string): void {
    if (!this.#decide()) return;
    if (this.#chunks === undefined) this.#resolveWith(text);
    else void this.#chunks.drained().then(() => this.#resolveWith(text));
  }

  fail(error: unknown): void {
    if (this.#decide()) this.#end(error);
  }

  /** Nothing of the plugin is at it, and nothing will complete it. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#inside = false;
    if (this.#isSettled) this.#close();
    if (this.#givenUpBy !== undefined && this.#began) this.options.onReturned?.();
  }

  /** Ends it ahead of its answer; the driver is told to stop. */
  giveUp(error: InvocationError, by: 'cancel' | 'deadline' = 'cancel'): void {
    this.#tellGivenUp(error, by);
    if (this.#ending !== undefined || this.#isSettled) return;
    if (this.drains && this.#began && !this.#isOver && this.driver.answersCancelled === true) this.#ending = { error };
    else this.#end(error);
  }

  /** What it has caused is not wanted any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#caused?.abort();
  }

  expire(): void {
    this.#watched = undefined;
    const error = timedOut(this.callee, this.timeoutMs, this.#inside, !this.#began);
    this.driver.onDeadline?.(this);
    this.giveUp(error, 'deadline');
  }

  #tellGivenUp(reason: unknown, by: 'cancel' | 'deadline'): void {
    if (this.#isAnswered) return;
    this.#givenUpBy = by;
    this.driver.cancel(this, reason);
    this.abandon();
    this.#becomeAnswered();
  }

  /** False where its answer is decided already. Then this is the driver's last word on it, and what waited for that ends. */
  #decide(): boolean {
    if (!this.#isAnswered) {
      this.#becomeAnswered();
      return true;
    }
    const ending = this.#ending;
    this.#ending = undefined;
    if (ending !== undefined) this.#end(ending.error);
    return false;
  }

  #becomeAnswered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.driver.onAnswered?.(this);
  }

  #end(error: unknown): void {
    if (this.drains && this.#chunks !== undefined) void this.#chunks.drained().then(() => this.#drop(error));
    else this.#drop(error);
  }

  /** Rejects now; chunks that still wait go nowhere. */
  #drop(error: unknown): void {
    this.#chunks?.close();
    if (this.#settle()) this.#reject(error);
  }

  #resolveWith(text: string): void {
    if (this.#settle()) this.#resolve(text);
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
      this.#tellGivenUp(error, 'cancel');
      this.#drop(error);
    });
  }

  /** False where its caller has been told already. */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    // What goes on after a cancel has until the deadline all the same, where the driver can end it then.
    if (this.#isOver) this.#close();
    else if (this.driver.onDeadline === undefined || !this.#began) this.#unwatch();
    if (this.#onAbort !== undefined && this.options.signal !== undefined) offAbort(this.options.signal, this.#onAbort);
    this.#release?.();
    return true;
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
