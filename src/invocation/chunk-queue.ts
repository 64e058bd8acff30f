import type { Chunk } from './backend.js';
import { setImmediate } from '../machine/node-timers.js';

/** How much may wait for a slow receiver before `emit` returns FULL (rule 18). */
const MAX_CHUNKS = 256;
const MAX_BYTES = 8 << 20;

const sizeOf = (chunk: Chunk): number => chunk.data.length;

/**
 * Passes the chunks of one invocation to the host's `onChunk`, in order and one at a time. Never from inside the plugin's
 * call of `emit`: the host does not run its own code inside a host function.
 */
export class ChunkQueue<C extends Chunk = Chunk> {
  readonly #waiting: C[] = [];
  #bytes = 0;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly onChunk: (chunk: C) => void | Promise<void>,
    /** Called when there is no more room, and when there is room again. */
    private readonly setRoom: (room: boolean) => void,
    /** Called with what `onChunk` threw. */
    private readonly onError: (error: unknown) => void,
  ) {}

  get isFull(): boolean {
    return this.#waiting.length >= MAX_CHUNKS || this.#bytes >= MAX_BYTES;
  }

  push(chunk: C): void {
    this.#waiting.push(chunk);
    this.#bytes += sizeOf(chunk);
    if (this.isFull) this.setRoom(false);
    this.#draining ??= this.#drain();
  }

  /** Resolves when `onChunk` has taken every chunk. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  /** Drops the chunks that wait: none is delivered after a rejection. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate);
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      this.#bytes -= sizeOf(chunk);
      try {
        await this.onChunk(chunk);
      } catch (error) {
        this.close();
        this.onError(error);
      }
      if (!this.#closed && this.#waiting.length <= MAX_CHUNKS / 2 && this.#bytes <= MAX_BYTES / 2) this.setRoom(true);
    }
    this.#draining = undefined;
  }
}
