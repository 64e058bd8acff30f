import { isMainThread } from 'node:worker_threads';
import { hasSpareThread } from '../../library/spare-thread.js';
import { ownClock } from '../../options/process-clock.js';
import { AsyncThread, MAX_ASYNC_THREADS } from './async-thread.js';
import type { Borrower } from './borrower.js';
import type { CallThread } from './call-thread.js';
import { Runner } from './runner.js';
import type { RunnerThread } from './thread.js';

export type { Borrower };

/** Lends threads to queues. */
export type ThreadLender = Pick<ThreadPool, 'borrow' | 'giveBack' | 'isToBeReturned' | 'isWanted' | 'leaveLine'>;

/** Runners are started on demand up to this number, and so many stay. */
const MAX_PROMPT_RUNNERS = 4;
/** One more is started, until it is not needed, each time that a queue has waited for so long: the others may be stuck in native code. */
const STUCK_MS = 100;
export const MAX_RUNNERS = 32;

/**
 * The threads that native code runs on beside the main one: runners, each lent to one plugin's queue at a time, so that a plugin
 * that hangs holds its own runner and nothing of the others. A host in a Worker has no runners, because a thread that is
 * terminated in native code takes the process down; there, and before the first runner is up, libuv's threads are lent.
 */
export class ThreadPool {
  readonly #maxPrompt: number;
  readonly #max: number;
  readonly #runners = new Set<Runner>();
  readonly #idle: Runner[] = [];
  readonly #borrowers = new Set<Borrower>();
  /** First come, first served. */
  readonly #waiting: { readonly borrower: Borrower }[] = [];
  #asyncOut = 0;
  /** Lent to plugins that keep them. */
  #dedicated = 0;
  #isUp = false;
  #onUp: (() => void)[] = [];
  #canStart = isMainThread;
  #isWatching = false;

  /** Called before a runner is started. */
  beforeStart: () => void = () => undefined;

  constructor({ maxPrompt = MAX_PROMPT_RUNNERS, max = MAX_RUNNERS }: { readonly maxPrompt?: number; readonly max?: number } = {}) {
    this.#maxPrompt = maxPrompt;
    this.#max = max;
  }

  /** Whether a queue waits for a thread. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Starts the first runner, in `thread` if that was started, so that it is up before it is needed. Resolves once it is, or cannot be. */
  warm(thread?: RunnerThread): Promise<void> {
    if (this.#canStart && this.#runners.size === 0) this.#start(thread);
    if (this.#isUp || !this.#canStart || this.#runners.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onUp.push(resolve));
  }

  /** Lends a thread, or puts the borrower in line: then `onFree` follows. */
  borrow(borrower: Borrower): CallThread | undefined {
    const thread = this.#idle.pop() ?? this.#borrowAsync(borrower);
    if (thread !== undefined) {
      this.#borrowers.add(borrower);
      if (borrower.isDedicated) this.#dedicated++;
      return thread;
    }
    this.#waiting.push({ borrower });
    if (this.#canStart && this.#count < this.#promptlyUpTo(borrower)) this.#start();
    else for (const other of this.#borrowers) other.onWanted();
    this.#watchForStuck();
    return undefined;
  }

  /** The borrower needs no thread any more. */
  leaveLine(borrower: Borrower): void {
    const index = this.#waiting.findIndex((waiting) => waiting.borrower === borrower);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** `isLast`: the borrower has no other thread. `again`: it waits for its next turn, behind those that wait now. */
  giveBack(thread: CallThread, borrower: Borrower, { isLast, again }: { readonly isLast: boolean; readonly again: boolean }): void {
    if (isLast) this.#borrowers.delete(borrower);
    if (borrower.isDedicated) this.#dedicated--;
    if (!(thread instanceof Runner)) this.#asyncOut--;
    else if (this.#runners.has(thread)) this.#keepOrEnd(thread);
    if (again) this.#waiting.push({ borrower });
    this.#lend();
  }

  /** Whether there is something better than `thread`, or a queue that waits for it. */
  isToBeReturned(thread: CallThread): boolean {
    return this.isWanted || (this.#isUp && this.#canStart && !(thread instanceof Runner));
  }

  /** Before the process ends. Returns whether no thread is in native code. */
  stop(): boolean {
    this.#canStart = false;
    // Each of them is told, also if others cannot come to rest: an uncaught exception ends the threads of all.
    const areAtRest = [...this.#runners].map((runner) => runner.stop());
    return this.#asyncOut === 0 && areAtRest.every(Boolean);
  }

  #keepOrEnd(runner: Runner): void {
    if (this.isWanted || this.#idle.length < this.#maxPrompt) this.#idle.push(runner);
    else if (this.#runners.delete(runner)) runner.end();
  }

  /** How many runners there are for queues that give them back. */
  get #count(): number {
    return this.#runners.size - this.#dedicated;
  }

  /** Up to how many runners one more is started at once for this borrower. */
  #promptlyUpTo({ isUrgent, isDedicated }: Borrower): number {
    if (isDedicated) return Infinity;
    return isUrgent ? this.#max : this.#maxPrompt;
  }

  /** A thread of libuv's pool, while no runner can be had. */
  #borrowAsync(borrower: Borrower): CallThread | undefined {
    if (!this.#hasAsyncFor(borrower)) return undefined;
    this.#asyncOut++;
    return new AsyncThread();
  }

  #hasAsyncFor({ isDedicated }: Borrower): boolean {
    if (this.#canStart && (this.#isUp || isDedicated)) return false;
    return this.#asyncOut < MAX_ASYNC_THREADS;
  }

  /** Those that wait borrow again, in turn, while there is something to lend. */
  #lend(): void {
    for (const waiting of [...this.#waiting]) {
      if (this.#idle.length === 0 && !this.#hasAsyncFor(waiting.borrower)) continue;
      const index = this.#waiting.indexOf(waiting);
      if (index < 0) continue;
      this.#waiting.splice(index, 1);
      waiting.borrower.onFree();
    }
  }

  #start(thread?: RunnerThread): void {
    if (!hasSpareThread()) return;
    this.beforeStart();
    try {
      const runner: Runner = new Runner({
        onUp: () => {
          this.#isUp = true;
          this.#settleStart();
          this.#idle.push(runner);
          this.#lend();
          runner.mayEnd();
        },
        onLost: () => this.#lose(runner),
      }, undefined, thread);
      this.#runners.add(runner);
      if (this.isWanted) runner.keepAlive();
    } catch {
      this.#stopStarting(); // no permission for threads, or no koffi for them
    }
  }

  #lose(runner: Runner): void {
    this.#runners.delete(runner);
    const index = this.#idle.indexOf(runner);
    if (index >= 0) this.#idle.splice(index, 1);
    if (!this.#isUp) this.#stopStarting();
  }

  /** From now on libuv's threads are lent. */
  #stopStarting(): void {
    this.#canStart = false;
    this.#settleStart();
    this.#lend();
  }

  #settleStart(): void {
    for (const resolve of this.#onUp.splice(0)) resolve();
  }

  /** In time that this process could run: on a starved machine every queue waits. */
  #watchForStuck(): void {
    const [first] = this.#waiting;
    if (first === undefined || !this.#canStart || this.#isWatching) return;
    this.#isWatching = true;
    ownClock.deadline(STUCK_MS, () => {
      this.#isWatching = false;
      if (this.#waiting.includes(first) && this.#count < this.#max) this.#start();
      this.#watchForStuck();
    });
  }
}

export const THREADS = new ThreadPool();
