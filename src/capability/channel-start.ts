import { InvocationError } from '../errors/index.js';
import { monotonicNow, pause } from '../machine/node-timers.js';
import { offAbort, onAbort } from '../options/abort-listeners.js';

/** The pause between restarts, if a start ends quickly. Doubles each time. */
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1000;
/** After a start that lasted this long, there is no pause. */
const STEADY_MS = 10_000;

/**
 * Starts a channel, and starts it again when its plugin's process has crashed or another generation of the plugin has taken over.
 * Messages wait until the plugin has accepted the start.
 */
export class ChannelStart {
  #up!: Promise<void>;
  #onUp!: () => void;
  /** Whether messages can be sent now, or never again. */
  #isUp = true;
  /** Whether the plugin has ever accepted the start. */
  wasUp = false;
  /** Ends the start that runs. */
  #attempt: AbortController | undefined;
  /** The start that is to end because another generation has taken over. */
  #left: AbortController | undefined;
  #sending = 0;
  #onSent: (() => void) | undefined;

  constructor() {
    this.#wait();
  }

  /** Resolves when the channel has started or has ended. */
  get up(): Promise<void> {
    return this.#up;
  }

  /**
   * Runs `start` until it ends; `start` calls `onPending` when the plugin has accepted it, and ends when its signal fires. If the plugin's process crashes after
   * that, runs `start` again after a pause; that invocation waits for the new process. `stop` ends the start and the pause.
   */
  async run(start: (onPending: () => void, signal: AbortSignal) => Promise<unknown>, stop: AbortSignal): Promise<void> {
    let pauseMs = 0;
    try {
      for (;;) {
        const began = monotonicNow();
        try {
          const hasMoved = await this.#runOnce(start, stop);
          if (!hasMoved) return;
          continue;
        } catch (error) {
          if (!this.wasUp || !isCrash(error)) throw error;
          this.#wait();
        }
        const isSteady = monotonicNow() - began >= STEADY_MS;
        pauseMs = isSteady ? 0 : Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2));
        await pause(pauseMs, { signal: stop }); // if stopped, the next start rejects
      }
    } finally {
      this.#isUp = true;
      this.#onUp();
    }
  }

  /** Runs `send` when the channel is up. A move waits for it. */
  async send<T>(send: () => Promise<T>): Promise<T> {
    while (!this.#isUp) await this.#up;
    this.#sending++;
    try {
      return await send();
    } finally {
      if (--this.#sending === 0) this.#onSent?.();
    }
  }

  /**
   * Another generation of the plugin has taken over. Waits until what is being sent has its receipt, ends the start in the old
   * generation, and starts the channel in the new one. So no two starts run at once, and every message that the old one has
   * accepted is delivered before any of the new one.
   */
  async move(): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined) return; // the next start goes to the new generation
    this.#left = attempt;
    this.#wait();
    if (this.#sending > 0) await new Promise<void>((resolve) => (this.#onSent = resolve));
    attempt.abort();
  }

  /** True if another generation has taken over. */
  async #runOnce(start: (onPending: () => void, signal: AbortSignal) => Promise<unknown>, stop: AbortSignal): Promise<boolean> {
    const attempt = new AbortController();
    const onStop = (): void => attempt.abort(stop.reason);
    const hasMoved = (): boolean => this.#left === attempt && !stop.aborted;
    if (stop.aborted) onStop();
    else onAbort(stop, onStop);
    this.#attempt = attempt;
    try {
      await start(() => void (hasMoved() || this.#taken()), attempt.signal);
      return hasMoved();
    } catch (error) {
      if (hasMoved()) return true;
      throw error;
    } finally {
      this.#attempt = undefined;
      offAbort(stop, onStop);
    }
  }

  #taken(): void {
    this.wasUp = true;
    this.#isUp = true;
    this.#onUp();
  }

  #wait(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#up = new Promise((resolve) => (this.#onUp = resolve));
  }
}

const isCrash = (error: unknown): boolean => error instanceof InvocationError && error.code === 'ERR_PLUGIN_CRASHED';
