import { InvocationError } from '../errors/index.js';
import { monotonicNow, pause } from '../machine/node-timers.js';

/** Between two starts that were soon over: twice as long each time. */
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1000;
/** A start that lasted as long was none of those. */
const STEADY_MS = 10_000;

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
   * crashes after that, it is started anew: the invocation waits for the process that takes its place. Whatever it is that
   * says so, there is a pause before the next start; `stop` ends it.
   */
  async run(start: (onPending: () => void) => Promise<unknown>, stop: AbortSignal): Promise<void> {
    let pauseMs = 0;
    try {
      for (;;) {
        const began = monotonicNow();
        try {
          await start(() => this.#taken());
          return;
        } catch (error) {
          if (!this.wasUp || !isCrash(error)) throw error;
          this.#wait();
        }
        const isSteady = monotonicNow() - began >= STEADY_MS;
        pauseMs = isSteady ? 0 : Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2));
        await pause(pauseMs, { signal: stop }); // the next start says that it was stopped
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
