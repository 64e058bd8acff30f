import type { NativeCall } from '../../library/native-call.js';
import type { QueueLink } from '../../options/linked-queue.js';
import type { CallThread } from './call-thread.js';

/** A native call that waits for its turn. */
export interface Job {
  /** Called once, when a thread takes the job. Returns `undefined` if the job has ended and there is nothing to call. */
  prepare(): NativeCall | undefined;
  /** The call has returned. Must call `left` once, when no code of the plugin runs for this job any more. */
  onReturn(result: number, left: () => void): void;
}

/** A job in the queue. */
export class Ticket {
  link: QueueLink<Ticket> | undefined;
  call: NativeCall | undefined;
  lease: Lease | undefined;
  /** In its thread's ring. */
  slot = 0;

  constructor(readonly job: Job) {}
}

/** A thread that a queue has borrowed, and the calls that it was given. */
export class Lease {
  /** Those that have not returned, in order. */
  readonly tickets = new Set<Ticket>();
  /** Those that have not left. */
  count = 0;
  hasLeft = 0;
  /** `hasLeft` at the last look. */
  #seen = 0;
  /** It goes back once it is empty. */
  isClosing = false;

  constructor(readonly thread: CallThread) {}

  hasRoom(capacity = this.thread.capacity): boolean {
    return !this.isClosing && this.count < capacity && !this.thread.isFull;
  }

  /** Takes a call back from the thread. Returns false if it has begun. */
  takeBack(ticket: Ticket): boolean {
    if (!this.tickets.has(ticket) || !this.thread.takeBack(ticket.slot)) return false;
    this.tickets.delete(ticket);
    this.count--;
    ticket.lease = undefined;
    return true;
  }

  /** How many calls have left since the last look. */
  look(): number {
    const left = this.hasLeft - this.#seen;
    this.#seen = this.hasLeft;
    return left;
  }
}
