type Run = () => void;

/**
 * The callbacks for each signal. Many calls may share one signal, and adding or removing a listener takes time proportional
 * to their number, so all callbacks of a signal share one listener.
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

/** Calls `run` once when `signal` fires, unless `offAbort` is called first. `run` must not throw. */
export function onAbort(signal: AbortSignal, run: Run): void {
  let waiters = waiting.get(signal);
  if (waiters === undefined) waiting.set(signal, (waiters = new Waiters(signal)));
  waiters.add(run);
}

export function offAbort(signal: AbortSignal, run: Run): void {
  waiting.get(signal)?.delete(run);
}
