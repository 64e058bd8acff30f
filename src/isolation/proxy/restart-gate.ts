import { LifecycleError } from '../../errors/index.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { ChildEnd } from '../supervisor/child-end.js';

/** Makes the steps of a plugin wait while it is being restarted. A crash closes the gate; it opens once the restart has succeeded or was given up. */
export class RestartGate {
  /** How its last process ended. */
  #lastEnd: ChildEnd | undefined;
  /** Set while the gate is closed. */
  #opening: Promise<void> | undefined;
  #onOpen: () => void = () => undefined;
  #restart: Promise<void> | undefined;

  constructor(private readonly pluginId: string) {}

  /** A restart in progress; never rejects. */
  get restart(): Promise<void> | undefined {
    return this.#restart;
  }

  /** Whether the end of a process is attributed to another plugin. */
  isBystanderOf(end: ChildEnd | undefined): boolean {
    return end?.suspect !== undefined && end.suspect !== this.pluginId;
  }

  /** The plugin's process has ended. `willRestart`: another one will be started. */
  onCrash(end: ChildEnd, willRestart: boolean): void {
    this.#lastEnd = end;
    if (willRestart) this.#opening ??= new Promise((resolve) => (this.#onOpen = resolve));
    else this.open();
  }

  /** Waits while the gate is closed. Keeps the host running. */
  async wait(): Promise<void> {
    const release = keepAlive();
    await this.#opening;
    release();
  }

  /** Runs a step of the plugin when the gate is open. Repeats it if another plugin made their process crash meanwhile. */
  async run<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.wait();
      this.#lastEnd = undefined;
      try {
        return await step();
      } catch (error) {
        const hasCrashed = error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED';
        if (!hasCrashed || !this.isBystanderOf(this.#lastEnd)) throw error;
      }
    }
  }

  /** Tracks a restart. `run` resolves with false if another restart will follow. */
  async track(run: () => Promise<boolean>): Promise<void> {
    const restart = run();
    this.#restart = restart.then(() => undefined);
    const isLast = await restart;
    this.#restart = undefined;
    if (isLast) this.open();
  }

  open(): void {
    this.#opening = undefined;
    this.#onOpen();
  }
}
