import type { ChildSession } from './child-session.js';

/**
 * The deadline of `release` in the thread of a child that takes calls. The child's main thread does not know of such a
 * release, and one that never returns would stop all calls.
 */
export class ReleaseWatch {
  #isArmed = false;

  constructor(
    private readonly pluginId: string,
    private readonly timeoutMs: number,
  ) {}

  /** An answer came in memory that the plugin gets back now. */
  onOwned({ child }: ChildSession): void {
    if (this.#isArmed) return;
    const isStuck = child.calls?.watchRelease();
    if (isStuck === undefined) return;
    this.#isArmed = true;
    child.clock.deadline(this.timeoutMs, () => {
      this.#isArmed = false;
      if (!child.isGone && isStuck()) child.kill(`was in release of ${this.pluginId} for ${this.timeoutMs} ms`);
    });
  }
}
