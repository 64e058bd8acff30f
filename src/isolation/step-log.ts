/** What the host has asked a child for and what is not over: a crash is put down to the newest of it. */
export class StepLog {
  readonly #open = new Map<symbol, string>();

  /** The newest, or `idle`. */
  get current(): string {
    return [...this.#open.values()].at(-1) ?? 'idle';
  }

  /** Returns what to call when it is over. */
  begin(what: string): () => void {
    const key = Symbol(what);
    this.#open.set(key, what);
    return () => void this.#open.delete(key);
  }
}
