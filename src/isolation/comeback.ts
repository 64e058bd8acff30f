import { keepAlive } from '../plugin/native/keep-alive.js';

/** A plugin's way back after the end of its process: expected, then tried, perhaps several times, then over. */
export class Comeback {
  #over: Promise<void> | undefined;
  #onOver: () => void = () => undefined;
  #attempt: Promise<void> | undefined;

  /** Waits until the plugin is back or will not come; not at all where nothing is expected. Keeps the host running. */
  async wait(): Promise<void> {
    const release = keepAlive();
    await this.#over;
    release();
  }

  /** An attempt that is under way; never rejects. */
  get attempt(): Promise<void> | undefined {
    return this.#attempt;
  }

  /** The process is started again. */
  expect(): void {
    this.#over ??= new Promise((resolve) => (this.#onOver = resolve));
  }

  /** `run` resolves with whether that was the last attempt. */
  async try(run: () => Promise<boolean>): Promise<void> {
    const attempt = run();
    this.#attempt = attempt.then(() => undefined);
    const isLast = await attempt;
    this.#attempt = undefined;
    if (isLast) this.end();
  }

  end(): void {
    this.#over = undefined;
    this.#onOver();
  }
}
