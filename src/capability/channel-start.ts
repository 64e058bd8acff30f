import { InvocationError } from '../errors/index.js';

/** What is awaited before anything is sent to a channel: that its plugin has taken it up. */
export class ChannelStart {
  #up!: Promise<void>;
  #onUp!: () => void;
  /** Whether the plugin has ever taken it up. */
  wasUp = false;

  constructor() {
    this.#wait();
  }

  /** Resolves when the channel is up, or over. */
  get up(): Promise<void> {
    return this.#up;
  }

  /**
   * Runs `start` until it ends; `onPending` is to be called when the plugin has taken it up. Where the plugin's process
   * crashes after that, it is started anew: the invocation waits for the process that takes its place.
   */
  async run(start: (onPending: () => void) => Promise<unknown>): Promise<void> {
    try {
      for (;;) {
        try {
          await start(() => this.#taken());
          return;
        } catch (error) {
          if (!this.wasUp || !isCrash(error)) throw error;
          this.#wait();
        }
      }
    } finally {
      this.#onUp();
    }
  }

  #taken(): void {
    this.wasUp = true;
    this.#onUp();
  }

  #wait(): void {
    this.#up = new Promise((resolve) => (this.#onUp = resolve));
  }
}

const isCrash = (error: unknown): boolean => error instanceof InvocationError && error.code === 'ERR_PLUGIN_CRASHED';
