/** What the host asked for, and of which plugin. */
export interface AskedFor {
  /** `load`, `init`, `tool forecast` …, or `idle`. */
  readonly during: string;
  /** Absent where it was nothing. */
  readonly suspect?: string;
}

/** What `during` says where nothing was asked for. */
export const IDLE = 'idle';

/** What the host has asked a child for and what is not over: a crash is put down to the newest of it. */
export class StepLog {
  readonly #open = new Map<symbol, AskedFor>();

  get current(): AskedFor {
    return [...this.#open.values()].at(-1) ?? { during: IDLE };
  }

  /** Returns what to call when it is over. */
  begin(during: string, suspect: string): () => void {
    const key = Symbol(during);
    this.#open.set(key, { during, suspect });
    return () => void this.#open.delete(key);
  }
}
