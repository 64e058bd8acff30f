import { LinkedQueue } from '../../options/linked-queue.js';
import type { RemoteInvocation } from './remote-run.js';

/** Beyond one for each thread, so that no thread waits for the host. */
const AHEAD = 32;
/** With more bytes of input in the child, nothing is sent ahead. */
const AHEAD_BYTES = 8 << 20;

/**
 * Invocations of one plugin that wait for their turn, and a window: how many a child may have of it at once. Those that wait
 * do so in the host: there each can be called off, and none is in the way of a cancel or a heartbeat. One leaves the window
 * when it is over, or pending.
 */
export class SendQueue {
  /** Threads that the child has for these invocations. */
  threads = 1;
  readonly waiting = new LinkedQueue<RemoteInvocation>();
  readonly #bytesById = new Map<number, number>();
  #bytes = 0;

  get hasRoom(): boolean {
    const { size } = this.#bytesById;
    return size < this.threads || (size < this.threads + AHEAD && this.#bytes < AHEAD_BYTES);
  }

  enter(id: number, bytes: number): void {
    this.#bytesById.set(id, bytes);
    this.#bytes += bytes;
  }

  /** Returns whether it was in the window. */
  leave(id: number): boolean {
    this.#bytes -= this.#bytesById.get(id) ?? 0;
    return this.#bytesById.delete(id);
  }
}
