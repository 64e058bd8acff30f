import { DEFAULT_TIMEOUT_MS, type Chunk, type InvocationParent, type InvokeOptions } from '../invocation/backend.js';
import type { Callee } from '../invocation/callee.js';
import { InvocationError } from '../errors/index.js';
import { takeSignalWords, type SignalWords } from '../library/signal-words.js'; // not the index: see invoker.ts
import { offAbort, onAbort } from '../options/abort-listeners.js';
import { clockNow, unwatch, watch, type Expiring } from '../options/deadline-clock.js';
import { errorOf, type Answer } from './answer.js';
import { ChunkQueue } from '../invocation/chunk-queue.js';
import type { GivenUpBy } from './given-up.js';
import { keepAlive } from '../options/keep-alive.js';

/** Ids are never used again (rule 16): one counter for the whole process. */
let lastId = 0;
export const nextInvocationId = (): number => ++lastId;

type Final = Exclude<Answer, { kind: 'pending' }>;

export interface InvocationHooks {
  /** The invocation was answered or given up: its id is stale from here. */
  readonly onAnswered: (invocation: Invocation) => void;
  /** Given up by signal or deadline while native code may look: tell it. Says whether native code still runs. */
  readonly onGivenUp: (invocation: Invocation, why: GivenUpBy) => boolean;
}

/** One invocation from dispatch to its one answer (rules 14 to 18). */
export class Invocation implements InvocationParent, Expiring {
  readonly id = nextInvocationId();
  readonly signals: SignalWords = takeSignalWords();
  readonly promise: Promise<string>;
  readonly parent: InvocationParent | undefined;
  readonly deadline: number;
  /** A completion that came before `invoke` had returned PENDING (rule 15). */
  parked: Final | undefined;
  #began = false;
  #inside = false;
  #answered = false;
  #settled = false;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;
  readonly #chunks: ChunkQueue | undefined;
  readonly #onAbort: (() => void) | undefined;
  #caused: AbortController | undefined;
  #watched: number | undefined;
  #letGo: (() => void) | undefined;
  #takeBack: (() => boolean) | undefined;

  constructor(
    readonly callee: Callee,
    private readonly hooks: InvocationHooks,
    private readonly options: InvokeOptions,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.parent = options.parent;
    if (options.onChunk !== undefined) {
      this.#chunks = new ChunkQueue(
        options.onChunk,
        (room) => {
          if (!this.#answered) this.signals.setRoom(room); // afterwards the words may be another's
        },
        (error) => {
          this.#tellGivenUp();
          this.#drop(error);
        },
      );
      this.#letGo = keepAlive();
    }
    this.deadline = clockNow() + this.#timeoutMs;
    if (this.deadline < Infinity) this.#watched = watch(this);
    if (options.signal !== undefined) {
      this.#onAbort = () => this.#end('cancelled');
      onAbort(options.signal, this.#onAbort);
    }
  }

  expire(): void {
    this.#end('timeout');
  }

  /** It waits for a thread; `takeBack` takes it out of the queue. */
  queued(takeBack: () => boolean): void {
    if (!this.#began) this.#takeBack = takeBack;
  }

  get pluginId(): string {
    return this.callee.pluginId;
  }

  /** Whether a native thread is in `invoke` on its behalf. */
  get inside(): boolean {
    return this.#inside;
  }

  /** Whether a native thread has been in `invoke` on its behalf. */
  get began(): boolean {
    return this.#began;
  }

  /** Whether somebody wants to know when native code is through with it, after it was given up. */
  get isAwaited(): boolean {
    return this.options.onReturned !== undefined;
  }

  /** Fires when it is given up, for what it has caused through the host's `call`. */
  get givenUp(): AbortSignal {
    return (this.#caused ??= new AbortController()).signal;
  }

  get answered(): boolean {
    return this.#answered;
  }

  enter(): void {
    this.#began = this.#inside = true;
    this.#takeBack = undefined;
  }

  /** `invoke` has returned `answer`. */
  leave(answer: Answer): void {
    this.#inside = false;
    if (this.#answered) {
      this.signals.free();
      return;
    }
    if (answer.kind === 'pending') this.options.onPending?.();
    const final = this.parked ?? answer;
    if (final.kind !== 'pending') this.answer(final);
    // Up to here the running call has kept the process alive.
    else if (!this.#settled) this.#letGo ??= keepAlive();
  }

  /** It was given up, and native code is through with it. */
  returned(): void {
    this.options.onReturned?.();
  }

  get isFull(): boolean {
    return this.#chunks?.isFull ?? false;
  }

  /** Takes a chunk; without a receiver it is dropped. */
  push(chunk: Chunk): void {
    this.#chunks?.push(chunk);
  }

  answer(answer: Final): void {
    if (answer.kind !== 'ok') {
      this.#fail(errorOf(answer, this.callee));
      return;
    }
    if (!this.#close()) return;
    const { text } = answer;
    if (this.#chunks === undefined) this.#succeed(text);
    else void this.#chunks.drained().then(() => this.#succeed(text));
  }

  /** Ends it with an error of the host's own, such as that the plugin shuts down; native code is told. */
  giveUp(error: InvocationError): void {
    this.#tellGivenUp();
    this.#fail(error);
  }

  /** Says whether native code still runs. */
  #tellGivenUp(why: GivenUpBy = 'cancelled'): boolean {
    if (this.#answered) return false;
    const stillRunning = this.hooks.onGivenUp(this, why);
    this.#caused?.abort();
    return stillRunning;
  }

  get #timeoutMs(): number {
    return this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  #end(why: GivenUpBy): void {
    const stillRunning = this.#tellGivenUp(why);
    const { capability, pluginId } = this.callee;
    this.#fail(
      why === 'timeout'
        ? new InvocationError('ERR_INVOCATION_TIMEOUT', { capability, timeoutMs: this.#timeoutMs, stillRunning, waited: !this.#began }, { pluginId })
        : new InvocationError(
            'ERR_INVOCATION_CANCELLED',
            { capability, stillRunning },
            { pluginId, cause: this.options.signal?.reason as unknown },
          ),
    );
  }

  /** From here the id is stale; native code reads it as cancelled. */
  #close(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    this.hooks.onAnswered(this);
    this.#takeBack?.();
    if (this.#inside) this.signals.cancelNow();
    else this.signals.free();
    return true;
  }

  #succeed(text: string): void {
    if (this.#settle()) this.#resolve(text);
  }

  #fail(error: unknown): void {
    this.#close();
    if (this.options.drain === true && this.#chunks !== undefined) void this.#chunks.drained().then(() => this.#drop(error));
    else this.#drop(error);
  }

  /** Rejects now; chunks that still wait go nowhere. */
  #drop(error: unknown): void {
    this.#close();
    this.#chunks?.close();
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#watched !== undefined) unwatch(this.#watched, this);
    if (this.#onAbort !== undefined && this.options.signal !== undefined) offAbort(this.options.signal, this.#onAbort);
    this.#letGo?.();
    return true;
  }
}
