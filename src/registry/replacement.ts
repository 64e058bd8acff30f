import { LifecycleError } from '../errors/index.js';
import { registeredPlugin, type RegisteredPlugin } from './registered-plugin.js';
import type { RegistryEntry } from './registry-entry.js';

/** Two generations of a plugin: the next one, which is registered, takes over from the previous one. */
export class Replacement {
  constructor(
    private readonly previous: RegistryEntry,
    private readonly next: RegistryEntry,
  ) {}

  /** What the next generation has registered, and its state. */
  get registered(): RegisteredPlugin {
    return registeredPlugin(this.next);
  }

  /** What the previous generation had registered, and its state. */
  get replaced(): RegisteredPlugin {
    return registeredPlugin(this.previous);
  }

  /** The state of the previous generation; `undefined` if it gives none. @throws LifecycleError */
  saveState(): Promise<Uint8Array | undefined> {
    return this.previous.saveState();
  }

  /** Gives that to the next generation, which has not started. False if it takes none. @throws LifecycleError */
  restoreState(state: Uint8Array): Promise<boolean> {
    return this.next.restoreState(state);
  }

  /** Runs `init` of the next generation. If it succeeds, all calls go to that one. @throws LifecycleError */
  async start(): Promise<void> {
    if (await this.next.init()) return;
    throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation: 'init', expected: 'registered', found: this.next.state }, { pluginId: this.next.plugin.id });
  }

  /** Ends the next generation, which did not start, or was rolled back. */
  async discard(): Promise<void> {
    await this.next.shutdown().catch(() => undefined);
  }

  /** All calls go to the previous generation again. */
  rollBack(): void {
    this.previous.makeCurrent();
  }

  /** Resolves when no invocation of the previous generation is open. */
  previousIdle(): Promise<void> {
    return this.previous.whenIdle();
  }

  /** Shuts the previous generation down. @throws LifecycleError */
  async endPrevious(): Promise<void> {
    await this.previous.shutdown();
  }
}
