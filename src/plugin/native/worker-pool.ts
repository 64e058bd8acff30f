/**
 * Native code off the main thread runs on libuv's pool, which Node's own file system and DNS work share. One thread of
 * it at least is always left to them, so invocations wait here, in JavaScript, and not in libuv's queue.
 */
const poolSize = Math.max(1, Math.min(1024, Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '4', 10) || 4));

/** How many native calls run off the main thread at once, over all plugins of the process. */
export const MOST_RUNNING = Math.max(1, poolSize - 1);

/** Runs native code; calls `left` once when it has returned. */
type Task = (left: () => void) => void;

const ready: Lane[] = [];
let running = 0;

/** Whether native code runs on a worker right now. */
export const isAnyInside = (): boolean => running > 0;

/** Lanes take turns, one task each, so that a busy plugin does not make the others wait for all of its own. */
function pump(): void {
  while (running < MOST_RUNNING) {
    const lane = ready.shift();
    if (lane === undefined) return;
    running++;
    lane.startNext(() => {
      running--;
      pump();
    });
  }
}

/**
 * One plugin's way onto the workers: first come, first served; one thread inside at a time, unless the plugin is
 * THREAD_SAFE (rule 11).
 */
export class Lane {
  readonly #waiting: Task[] = [];
  #inside = 0;
  #isReady = false;
  #onEmpty: (() => void)[] = [];

  constructor(private readonly width: number) {}

  /** How many threads are inside the plugin on behalf of this lane. */
  get inside(): number {
    return this.#inside;
  }

  /** Queues `task`. The returned function takes it back, and says whether it had not started. */
  enqueue(task: Task): () => boolean {
    this.#waiting.push(task);
    this.#offer();
    pump();
    return () => {
      const index = this.#waiting.indexOf(task);
      if (index >= 0) this.#waiting.splice(index, 1);
      return index >= 0;
    };
  }

  startNext(done: () => void): void {
    this.#isReady = false;
    const task = this.#waiting.shift();
    if (task === undefined) {
      done();
      return;
    }
    this.#inside++;
    this.#offer();
    task(() => {
      this.#inside--;
      this.#offer();
      if (this.#inside === 0) for (const wake of this.#onEmpty.splice(0)) wake();
      done();
    });
  }

  /** Resolves when no thread is inside. Nothing new may be enqueued meanwhile by the caller's own rule. */
  empty(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #offer(): void {
    if (this.#isReady || this.#waiting.length === 0 || this.#inside >= this.width) return;
    this.#isReady = true;
    ready.push(this);
  }
}
