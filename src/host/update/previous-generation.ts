import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import { plainLine } from '../../log/plain-line.js';
import { deadline } from '../../options/deadline-clock.js';
import type { Replacement } from '../../registry/replacement.js';
import type { ManagedPlugin } from '../managed-plugin.js';
import { watchSuccessor, type SuccessorWatch } from './successor-watch.js';

export interface PreviousOptions {
  /** How long its open invocations may take after it was replaced. */
  readonly drainMs: number;
  /** How long it stays up, to take over again if the next generation crashes or hangs. */
  readonly probationMs: number;
  /** How long an invocation may be past its deadline. */
  readonly graceMs: number;
  readonly logger: Logger;
  /** Called when a generation was shut down, before `onEnd`. */
  readonly unload: (ended: ManagedPlugin) => Promise<void>;
  readonly onEnd: (previous: PreviousGeneration) => void;
}

/**
 * A generation that was replaced. Its open invocations complete in it. It stays up until the probation of its successor is over, and
 * is then shut down.
 */
export class PreviousGeneration {
  #isDrained = false;
  #isStandby = true;
  #ending: Promise<void> | undefined;
  #cancelDeadlines: readonly (() => void)[] = [];
  #watch: SuccessorWatch | undefined;

  constructor(
    readonly managed: ManagedPlugin,
    readonly successor: ManagedPlugin,
    private readonly replacement: Replacement,
    private readonly options: PreviousOptions,
  ) {}

  /** Whether it takes over again if its successor crashes or hangs. */
  get isStandby(): boolean {
    return this.#isStandby;
  }

  /** Whether the end of the process was attributed to its successor, or to no plugin. */
  get isSuccessorBlamed(): boolean {
    return this.#watch?.isBlamed !== false;
  }

  /** Call once, when the successor has taken over. */
  begin(): void {
    const { drainMs, probationMs, graceMs } = this.options;
    const { managed } = this;
    managed.role = 'draining';
    // In a shared child it ends with its successor, and is started again to take over.
    managed.wantsRestart = () => this.#isStandby && typeof managed.isolation === 'object';
    const onDrained = (): void => this.#onDrained();
    this.#cancelDeadlines = [deadline(drainMs, onDrained), deadline(probationMs, () => void this.giveUp())];
    void this.replacement.previousIdle().then(onDrained);
    if (probationMs === 0) void this.giveUp();
    else this.#watch = watchSuccessor(this, graceMs);
  }

  /**
   * The probation of its successor is over: it does not take over again, and ends when it has no open invocation. Resolves when it has ended,
   * or at once if it has one.
   */
  async giveUp(): Promise<void> {
    if (this.#isStandby) this.#stopWatching();
    if (this.#isDrained) await this.end();
  }

  /** Becomes the current generation again. The successor is shut down, in the background. */
  takeOver(): void {
    this.#stop();
    this.managed.role = undefined;
    this.managed.wantsRestart = () => true;
    this.replacement.rollBack();
    this.options.onEnd(this);
    void this.replacement.discard().then(async () => {
      await this.successor.removeFolders();
      await this.options.unload(this.successor);
      this.successor.announce();
    });
  }

  /** Shuts it down, whatever it does. Never rejects. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#stop();
    try {
      await this.replacement.endPrevious();
    } catch (error) {
      this.options.logger.error(plainLine(messageOf(error)), { pluginId: this.managed.id });
    }
    await this.managed.removeFolders();
    await this.options.unload(this.managed);
    this.options.onEnd(this);
    this.managed.announce();
  }

  #stop(): void {
    this.#stopWatching();
    for (const cancel of this.#cancelDeadlines) cancel();
  }

  #stopWatching(): void {
    this.#isStandby = false;
    this.successor.wantsRestart = () => true;
    this.#watch?.stop();
  }

  #onDrained(): void {
    if (this.managed.role !== 'draining') return;
    this.#isDrained = true;
    this.managed.role = 'standby';
    if (!this.#isStandby) void this.end();
  }
}
