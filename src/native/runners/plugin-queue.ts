import type { NativeCall } from '../../library/native-call.js';
import { setTimeout } from '../../machine/node-timers.js';
import { LinkedQueue, type QueueLink } from '../../options/linked-queue.js';
import type { CallThread } from './call-thread.js';
import { THREADS, type Borrower } from './thread-pool.js';

/** A native call that waits for its turn. */
export interface Job {
  /** Called once, when a thread takes it. Returns `undefined` if there is nothing to call after all: then it is over. */
  prepare(): NativeCall | undefined;
  /** The call has returned. `left` is to be called once, when nothing of the plugin runs on behalf of it. */
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

/** A thread that the queue has borrowed. */
class Lease {
  /** Those that have not returned, in order. */
  readonly tickets = new Set<Ticket>();
  /** Those that have not left. */
  count = 0;
  hasLeft = 0;
  /** `hasLeft` at the last look. */
  seen = 0;
  /** It goes back once it is empty. */
  isClosing = false;

  constructor(readonly thread: CallThread) {}
}

export interface QueueOptions {
  readonly isThreadSafe?: boolean;
  readonly isUrgent?: boolean;
  readonly isDedicated?: boolean;
}

/** A thread that has not got on for so long may be in a call that blocks. */
const STALL_MS = 1;
/** How often a queue that is spread looks whether calls have become short again, and how many calls of one thread that takes. */
const SPREAD_MS = 10;
const SHORT_CALLS = 40;

/**
 * The native calls of one plugin, first come, first served. One thread at a time is inside, unless the plugin is THREAD_SAFE
 * (rule 11). A thread gets many calls ahead, because handing over each by itself costs more than most calls take; from one that does not
 * get on they are taken back, for the other threads of a THREAD_SAFE plugin, or to give way to another plugin.
 */
export class PluginQueue implements Borrower {
  readonly isUrgent: boolean;
  readonly isDedicated: boolean;
  readonly #isThreadSafe: boolean;
  /** `release` counts as inside the plugin. A dedicated thread makes that call itself. */
  readonly #waitsForRelease: boolean;
  readonly #waiting = new LinkedQueue<Ticket>();
  readonly #leases = new Set<Lease>();
  #inside = 0;
  #isInLine = false;
  /** Calls take long: each thread gets one at a time. */
  #isSpread = false;
  #isWatching = false;
  /** The plugin has gone: a dedicated thread goes back too. */
  #isOver = false;
  #onEmpty: (() => void)[] = [];

  constructor({ isThreadSafe = false, isUrgent = false, isDedicated = false }: QueueOptions = {}, private readonly threads = THREADS) {
    this.#isThreadSafe = isThreadSafe;
    this.#waitsForRelease = !isThreadSafe && !isDedicated;
    this.isUrgent = isUrgent;
    this.isDedicated = isDedicated;
  }

  /** How many calls a thread has taken that have not left. */
  get inside(): number {
    return this.#inside;
  }

  enqueue(job: Job): Ticket {
    const ticket = new Ticket(job);
    ticket.link = this.#waiting.push(ticket);
    this.#fill();
    return ticket;
  }

  /** Before all others that wait. */
  enqueueFirst(job: Job): void {
    const ticket = new Ticket(job);
    ticket.link = this.#waiting.pushFront(ticket);
    this.#fill();
  }

  /** Takes a job back. Returns false if its call has begun; else it never will. */
  takeBack(ticket: Ticket): boolean {
    const { link, lease } = ticket;
    if (link !== undefined && this.#waiting.remove(link)) {
      this.#tidy();
      return true;
    }
    if (lease === undefined || !this.#takeFrom(lease, ticket)) return false;
    this.#tidy();
    return true;
  }

  /** Resolves when no thread is inside. Nothing new may be enqueued meanwhile by the caller's own rule. */
  empty(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  /** The plugin has gone. Nothing is enqueued from here on. */
  end(): void {
    this.#isOver = true;
    this.#tidy();
  }

  onFree(): void {
    this.#isInLine = false;
    this.#fill();
  }

  onWanted(): void {
    this.#watch();
  }

  /** Hands waiting calls to threads, as many as may be. */
  #fill(): void {
    while (!this.#waiting.isEmpty) {
      const lease = this.#leaseWithRoom() ?? this.#borrow();
      if (lease === undefined) break;
      this.#publish(this.#waiting.shift()!, lease);
    }
    this.#tidy();
  }

  #publish(ticket: Ticket, lease: Lease): void {
    ticket.link = undefined;
    const call = (ticket.call ??= ticket.job.prepare());
    if (call === undefined) return;
    ticket.lease = lease;
    lease.tickets.add(ticket);
    lease.count++;
    this.#inside++;
    ticket.slot = lease.thread.run(call, this.#waitsForRelease, (result) => {
      lease.tickets.delete(ticket);
      ticket.lease = undefined;
      ticket.job.onReturn(result, () => this.#left(lease));
    });
    if (lease.count > 1 && (this.#isThreadSafe || this.threads.isWanted)) this.#watch();
  }

  #left(lease: Lease): void {
    lease.count--;
    lease.hasLeft++;
    this.#inside--;
    if (lease.count === lease.tickets.size) lease.thread.resume(); // all that returned have left
    if (!this.isDedicated && this.threads.isToBeReturned(lease.thread)) lease.isClosing = true;
    this.#fill();
  }

  #leaseWithRoom(): Lease | undefined {
    for (const lease of this.#leases) {
      const capacity = this.#isSpread || this.isDedicated ? 1 : lease.thread.capacity;
      if (!lease.isClosing && lease.count < capacity && !lease.thread.isFull) return lease;
    }
    return undefined;
  }

  #borrow(): Lease | undefined {
    if (this.#isInLine || !this.#mayHaveAnother()) return undefined;
    this.#isInLine = true;
    const thread = this.threads.borrow(this);
    if (thread === undefined) return undefined;
    this.#isInLine = false;
    const lease = new Lease(thread);
    this.#leases.add(lease);
    return lease;
  }

  #mayHaveAnother(): boolean {
    if (this.#leases.size === 0) return true;
    if (!this.#isThreadSafe) return false;
    for (const { thread } of this.#leases) if (!this.#isSpread && thread.capacity > 1) return false;
    return true;
  }

  /** Gives back the threads that are not needed, and its place in the line. */
  #tidy(): void {
    const isDone = this.#waiting.isEmpty && (this.#isOver || !this.isDedicated);
    if (isDone && this.#isInLine) {
      this.#isInLine = false;
      this.threads.leaveLine(this);
    }
    for (const lease of this.#leases) {
      if (lease.count > 0 || !(isDone || lease.isClosing)) continue;
      this.#leases.delete(lease);
      const isLast = this.#leases.size === 0;
      const again = isLast && !isDone && !this.#isInLine;
      if (again) this.#isInLine = true;
      this.threads.giveBack(lease.thread, this, { isLast, again });
    }
    if (this.#inside > 0) return;
    this.#isSpread = false;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #takeFrom(lease: Lease, ticket: Ticket): boolean {
    if (!lease.tickets.has(ticket) || !lease.thread.takeBack(ticket.slot)) return false;
    lease.tickets.delete(ticket);
    lease.count--;
    this.#inside--;
    ticket.lease = undefined;
    return true;
  }

  #watch(ms = STALL_MS): void {
    if (this.#isWatching || this.isDedicated) return;
    this.#isWatching = true;
    setTimeout(() => this.#look(), ms).unref();
  }

  /** Takes back what waits in the ring of a thread that has not got on since the last look. */
  #look(): void {
    this.#isWatching = false;
    const mustGiveWay = this.threads.isWanted;
    let hasShortCalls = false;
    for (const lease of this.#leases) {
      const left = lease.hasLeft - lease.seen;
      lease.seen = lease.hasLeft;
      if (left >= SHORT_CALLS) hasShortCalls = true;
      if (left > 0 || lease.count <= 1 || !(this.#isThreadSafe || mustGiveWay)) continue;
      this.#isSpread = this.#isThreadSafe;
      if (mustGiveWay) lease.isClosing = true;
      for (const ticket of [...lease.tickets].reverse()) if (this.#takeFrom(lease, ticket)) ticket.link = this.#waiting.pushFront(ticket);
    }
    if (hasShortCalls) this.#isSpread = false;
    this.#fill();
    if (this.#isSpread) this.#watch(SPREAD_MS);
    else for (const { count } of this.#leases) if (count > 1 && (this.#isThreadSafe || mustGiveWay)) this.#watch();
  }
}
