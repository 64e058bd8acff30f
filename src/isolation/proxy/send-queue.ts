import { LinkedQueue } from '../../options/linked-queue.js';
import type { RemoteInvocation, RemoteRun } from './remote-run.js';

/** Invocations sent in addition to one for each thread, so that no thread waits for the host. */
export const MAX_PREFETCH = 32;
/** While the child has this many bytes of input, only one invocation is sent for each thread. */
const MAX_PREFETCH_BYTES = 8 << 20;

/** Through the channel for calls, or by a message. */
export type Way = 'channel' | 'message';

/**
 * The invocations of one plugin that have not been sent to its child, and a window that limits how many the child has at once.
 * They wait in the host, where they can still be cancelled and do not delay a cancel or a heartbeat. An invocation leaves the
 * window when it has ended or is pending.
 */
export class SendQueue {
  /** Number of threads in the child that can run these invocations. */
  threads = 1;
  readonly waiting = new LinkedQueue<RemoteInvocation>();
  /** Number of invocations in the window, and the bytes of their inputs. */
  #count = 0;
  #bytes = 0;
  #way: Way | undefined;

  get hasRoom(): boolean {
    return this.#count < this.threads || (this.#count < this.threads + MAX_PREFETCH && this.#bytes < MAX_PREFETCH_BYTES);
  }

  /** None is in the window. */
  get isWindowEmpty(): boolean {
    return this.#count === 0;
  }

  /** With one thread, invocations run in the order in which they were made, so those before must have gone the same way. */
  mayGo(way: Way): boolean {
    return this.threads > 1 || this.#count === 0 || this.#way === way;
  }

  enter(run: RemoteRun, bytes: number, way: Way): void {
    this.#way = way;
    run.windowBytes = bytes;
    this.#count++;
    this.#bytes += bytes;
  }

  /** Returns whether it was in the window. */
  leave(run: RemoteRun): boolean {
    if (run.windowBytes === undefined) return false;
    this.#count--;
    this.#bytes -= run.windowBytes;
    run.windowBytes = undefined;
    return true;
  }
}
