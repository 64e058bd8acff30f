import { LifecycleError } from '../../errors/index.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { ChildEnd } from '../supervisor/child-end.js';

/** Holds up the steps of a plugin while its process is started again. Closed by a crash, open once the plugin is back or will not come. */
export class RestartGate {
  /** How its last process ended. */
  #ended: ChildEnd | undefined;
  /** While it is closed. */
  #opening: Promise<void> | undefined;
  #onOpen: () => void = () => undefined;
  #attempt: Promise<void> | undefined;

  constructor(private readonly pluginId: string) {}

  /** An attempt that is under way; never rejects. */
  get attempt(): Promise<void> | undefined {
    return this.#attempt;
  }

  /** Whether a process ended while something was asked of another plugin. */
  isBystanderOf(end: ChildEnd | undefined): boolean {
    return end?.suspect !== undefined && end.suspect !== this.pluginId;
  }

  /** Its process has ended; with `isComing` another one is started. */
  crashed(end: ChildEnd, isComing: boolean): void {
    this.#ended = end;
    if (isComing) this.#opening ??= new Promise((resolve) => (this.#onOpen = resolve));
    else this.open();
  }

  /** Waits until the plugin is back or will not come; not at all where nothing is expected. Keeps the host running. */
  async wait(): Promise<void> {
    const release = keepAlive();
    await this.#opening;
    release();
  }

  /** Takes a step of the plugin's life; once more where its process ended meanwhile for another plugin. */
  async take<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.wait();
      this.#ended = undefined;
      try {
        return await step();
      } catch (error) {
        const hasCrashed = error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED';
        if (!hasCrashed || !this.isBystanderOf(this.#ended)) throw error;
      }
    }
  }

  /** `run` resolves with whether that was the last attempt. */
  async try(run: () => Promise<boolean>): Promise<void> {
    const attempt = run();
    this.#attempt = attempt.then(() => undefined);
    const isLast = await attempt;
    this.#attempt = undefined;
    if (isLast) this.open();
  }

  open(): void {
    this.#opening = undefined;
    this.#onOpen();
  }
}
