import { keepAlive } from '../options/keep-alive.js';
import type { Chunk } from './backend.js';
import type { ChunkQueue } from './chunk-queue.js';

/** What the caller of one invocation gets: its chunks, in order, and then one answer or one error. */
export class Delivery {
  readonly promise: Promise<string>;
  #isSettled = false;
  #release: (() => void) | undefined;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;

  constructor(
    /** Absent if the caller takes no chunks. */
    private readonly chunks: ChunkQueue | undefined,
    private readonly listener: { onSettled(): void },
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether the promise is resolved or rejected. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  get wantsChunks(): boolean {
    return this.chunks !== undefined;
  }

  get isFull(): boolean {
    return this.chunks?.isFull ?? false;
  }

  /** Queues a chunk. Drops it if the caller takes no chunks, or no more of them. */
  push(chunk: Chunk): void {
    if (!this.#isSettled) this.chunks?.push(chunk);
  }

  /** Keeps the process running until the promise is settled. */
  keepAlive(): void {
    if (!this.#isSettled) this.#release ??= keepAlive();
  }

  /** Resolves when all chunks have been delivered. */
  resolve(text: string): void {
    if (this.chunks === undefined) this.#resolveNow(text);
    else void this.chunks.drained().then(() => this.#resolveNow(text));
  }

  /** Rejects when all chunks have been delivered. */
  rejectDrained(error: unknown): void {
    if (this.chunks === undefined) this.reject(error);
    else void this.chunks.drained().then(() => this.reject(error));
  }

  /** Rejects now, and drops the chunks that still wait. */
  reject(error: unknown): void {
    this.chunks?.close();
    if (this.#settle()) this.#reject(error);
  }

  #resolveNow(text: string): void {
    if (this.#settle()) this.#resolve(text);
  }

  /** False if the promise is settled already. */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#release?.();
    this.listener.onSettled();
    return true;
  }
}
