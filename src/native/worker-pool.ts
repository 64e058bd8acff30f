import { LinkedQueue } from '../options/linked-queue.js';

/**
 * Native code off the main thread runs on libuv's pool, which Node's own file system and DNS work share. One thread of
 * it at least is always left to them, so invocations wait here, in JavaScript, and not in libuv's queue.
 */
export const POOL_SIZE = poolSize(process.env.UV_THREADPOOL_SIZE ?? '4');

/** As libuv reads it: C's atoi, with one thread for 0 and for what is no number, and 1024 for what is negative. */
function poolSize(text: string): number {
  const given = Number.parseInt(text, 10) || 1;
  return given < 0 ? 1024 : Math.min(1024, given);
}

/** How many native calls run off the main thread at once, over all plugins of the process. */
export const MAX_CONCURRENT_CALLS = Math.max(1, POOL_SIZE - 1);

/** Runs native code; calls `left` once when it has returned. */
type Task = (left: () => void) => void;

/** Some of the pool's threads. Lanes take turns on them, one task each, so that a busy plugin does not make the others wait. */
class Workers {
  readonly #ready: Lane[] = [];
  #running = 0;

  constructor(private readonly count: number) {}

  get running(): number {
    return this.#running;
  }

  offer(lane: Lane): void {
    this.#ready.push(lane);
  }

  pump(): void {
    while (this.#running < this.count) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      this.#running++;
      lane.startNext();
    }
  }

  /** A thread is free again. */
  finished(): void {
    this.#running--;
    this.pump();
  }
}

const INVOCATIONS = new Workers(MAX_CONCURRENT_CALLS);
/** For what must not wait behind invocations that block. */
export const RESERVED = new Workers(1);

/** Whether native code runs on a worker right now. */
export const isAnyInside = (): boolean => INVOCATIONS.running + RESERVED.running > 0;

/**
 * One plugin's way onto the workers: first come, first served; one thread inside at a time, unless the plugin is
 * THREAD_SAFE (rule 11).
 */
export class Lane {
  readonly #waiting = new LinkedQueue<Task>();
  #inside = 0;
  #isReady = false;
  #onEmpty: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly workers = INVOCATIONS,
  ) {}

  /** How many threads are inside the plugin on behalf of this lane. */
  get inside(): number {
    return this.#inside;
  }

  /** Queues `task`. The returned function takes it back, and says whether it had not started. */
  enqueue(task: Task): () => boolean {
    const link = this.#waiting.push(task);
    this.#offer();
    this.workers.pump();
    return () => this.#waiting.remove(link);
  }

  startNext(): void {
    this.#isReady = false;
    const task = this.#waiting.shift();
    if (task === undefined) {
      this.workers.finished();
      return;
    }
    this.#inside++;
    this.#offer();
    task(this.#left);
  }

  /** One for all tasks: which of them has left makes no difference. */
  readonly #left = (): void => {
    this.#inside--;
    this.#offer();
    if (this.#inside === 0 && this.#onEmpty.length > 0) for (const wake of this.#onEmpty.splice(0)) wake();
    this.workers.finished();
  };

  /** Resolves when no thread is inside. Nothing new may be enqueued meanwhile by the caller's own rule. */
  empty(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #offer(): void {
    if (this.#isReady || this.#waiting.isEmpty || this.#inside >= this.width) return;
    this.#isReady = true;
    this.workers.offer(this);
  }
}
