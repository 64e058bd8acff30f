import type { Buffer } from 'node:buffer';

/** What a plugin sent with `complete`, or what `invoke` returned. */
export interface Answer {
  readonly status: number;
  readonly format: number;
  readonly bytes: Buffer;
}

export interface Chunk {
  readonly tag: number;
  readonly format: number;
  readonly bytes: Buffer;
}

/** One call of a capability, as the host sees it. */
export class Invocation {
  readonly chunks: Chunk[] = [];
  completion: Answer | undefined;
  /** `complete` was called, with whatever status the host answered. */
  completions = 0;
  /** What `invoke` returned; 0 while it runs. */
  returned = 0;
  /** The host no longer wants an answer: it was cancelled, or its deadline has passed. */
  isOver = false;
  /** How many chunks the host still accepts before it answers FULL. */
  room = Infinity;
  readonly #completed: Promise<void>;
  #onCompleted!: () => void;

  constructor(
    readonly id: number,
    readonly label: string,
  ) {
    this.#completed = new Promise((resolve) => (this.#onCompleted = resolve));
  }

  /** Resolves once the plugin has called `complete`. */
  get completed(): Promise<void> {
    return this.#completed;
  }

  /** Returns how often `complete` was called before. */
  onCompletion(): number {
    this.#onCompleted();
    return this.completions++;
  }
}
