import type { Chunk } from './backend.js';
import { setImmediate } from '../machine/node-timers.js';

/** How much a slow receiver lets pile up before `emit` answers FULL (rule 18). */
const MAX_CHUNKS = 256;
const MAX_BYTES = 8 << 20;

const sizeOf = (chunk: Chunk): number => chunk.data.length;

/**
 * Chunks of one invocation on their way to the host's `onChunk`: in order, one at a time, never from inside the
 * plugin's own `emit` (the host does not re-enter a plugin from a host function).
 */
export class ChunkQueue<C extends Chunk = Chunk> {
  readonly #waiting: C[] = [];
  #bytes = 0;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly onChunk: (chunk: C) => void | Promise<void>,
    /** Tells the plugin whether there is room. */
    private readonly setRoom: (room: boolean) => void,
    /** What `onChunk` threw: ends the invocation. */
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

  /** Resolves when every chunk pushed so far has been taken. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  /** Drops what waits: after a rejection no chunk comes. */
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
