type Run = () => void;

/**
 * What waits for each signal. Many calls may share one signal, and a signal looks through all of its listeners when one is
 * added or removed; so there is one listener for all of them, while anything waits.
 */
const waiting = new WeakMap<AbortSignal, Waiters>();

class Waiters {
  readonly #runs = new Set<Run>();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  add(run: Run): void {
    this.#runs.add(run);
  }

  delete(run: Run): void {
    if (this.#runs.delete(run) && this.#runs.size === 0) this.#end();
  }

  readonly #onAbort = (): void => {
    for (const run of this.#runs) run();
    this.#end();
  };

  #end(): void {
    waiting.delete(this.signal);
    this.signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Calls `run`, which must not throw, once when `signal` fires, until `offAbort`. */
export function onAbort(signal: AbortSignal, run: Run): void {
  let waiters = waiting.get(signal);
  if (waiters === undefined) waiting.set(signal, (waiters = new Waiters(signal)));
  waiters.add(run);
}

export function offAbort(signal: AbortSignal, run: Run): void {
  waiting.get(signal)?.delete(run);
}
