import { setTimeout } from '../../machine/node-timers.js';
import { LinkedQueue } from '../../options/linked-queue.js';
import type { QueueOptions } from './queue-options.js';
import type { Borrower } from './borrower.js';
import { THREADS, type ThreadLender } from './thread-pool.js';
import { Lease, Ticket, type Job } from './ticket.js';

/** A thread that makes no progress for so long may be in a call that blocks. */
const STALL_MS = 1;
/** How often a queue that is spread looks whether calls have become short again, and how many calls of one thread that takes. */
const SPREAD_MS = 10;
const SHORT_CALLS = 40;

/**
 * The native calls of one plugin, first come, first served. Only one thread at a time is inside the plugin, unless it is
 * THREAD_SAFE (rule 11). A thread gets many calls in advance, because to hand over each by itself takes longer than most calls.
 * If it makes no progress, they are taken back: for other threads of a THREAD_SAFE plugin, or so that another plugin gets it.
 */
export class PluginQueue implements Borrower {
  readonly isUrgent: boolean;
  readonly isDedicated: boolean;
  readonly #isThreadSafe: boolean;
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

  constructor(options: QueueOptions = {}, private readonly threads: ThreadLender = THREADS) {
    const { isThreadSafe = false, isUrgent = false, isDedicated = false } = options;
    this.#isThreadSafe = isThreadSafe;
    this.#waitsForRelease = options.waitsForRelease ?? (!isThreadSafe && !isDedicated);
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
    const isTaken = link === undefined ? lease !== undefined && this.#takeFrom(lease, ticket) : this.#waiting.remove(link);
    if (isTaken) this.#tidy();
    return isTaken;
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
    const capacity = this.#isSpread || this.isDedicated ? 1 : undefined;
    for (const lease of this.#leases) if (lease.hasRoom(capacity)) return lease;
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
    const isTaken = lease.takeBack(ticket);
    if (isTaken) this.#inside--;
    return isTaken;
  }

  #watch(ms = STALL_MS): void {
    if (this.#isWatching || this.isDedicated) return;
    this.#isWatching = true;
    setTimeout(() => this.#look(), ms).unref();
  }

  /** Takes back what waits in the ring of a thread that has made no progress since the last look. */
  #look(): void {
    this.#isWatching = false;
    const mustGiveWay = this.threads.isWanted;
    let hasShortCalls = false;
    for (const lease of this.#leases) {
      const left = lease.look();
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
