import { InvocationError } from '../errors/index.js';
import { monotonicNow, pause } from '../machine/node-timers.js';

/** The pause between restarts, if a start ends quickly. Doubles each time. */
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1000;
/** After a start that lasted this long, there is no pause. */
const STEADY_MS = 10_000;

/** Starts a channel, and starts it again when its plugin's process has crashed. Messages wait until the plugin has accepted the start. */
export class ChannelStart {
  #up!: Promise<void>;
  #onUp!: () => void;
  /** Whether the plugin has ever accepted the start. */
  wasUp = false;

  constructor() {
    this.#wait();
  }

  /** Resolves when the channel has started or has ended. */
  get up(): Promise<void> {
    return this.#up;
  }

  /**
   * Runs `start` until it ends; `start` calls `onPending` when the plugin has accepted it. If the plugin's process crashes after
   * that, runs `start` again after a pause; that invocation waits for the new process. `stop` ends the pause.
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
        await pause(pauseMs, { signal: stop }); // if stopped, the next start rejects
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
