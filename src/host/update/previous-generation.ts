import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import { plainLine } from '../../log/plain-line.js';
import { deadline } from '../../options/deadline-clock.js';
import type { Replacement } from '../../registry/replacement.js';
import type { ManagedPlugin } from '../managed-plugin.js';

export interface PreviousOptions {
  /** How long its open invocations may take after it was replaced. */
  readonly drainMs: number;
  /** How long it stays up, to take over again if the next generation crashes. */
  readonly probationMs: number;
  readonly logger: Logger;
  /** Called when it was shut down, before `onEnd`. */
  readonly unload: () => Promise<void>;
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

  constructor(
    readonly managed: ManagedPlugin,
    readonly successor: ManagedPlugin,
    private readonly replacement: Replacement,
    private readonly options: PreviousOptions,
  ) {}

  /** Whether it takes over again if its successor crashes. */
  get isStandby(): boolean {
    return this.#isStandby;
  }

  /** Call once, when the successor has taken over. */
  begin(): void {
    const { drainMs, probationMs } = this.options;
    this.managed.role = 'draining';
    this.managed.wantsRestart = () => false;
    this.successor.wantsRestart = ({ machine }) => machine !== undefined;
    const onDrained = (): void => this.#onDrained();
    this.#cancelDeadlines = [deadline(drainMs, onDrained), deadline(probationMs, () => this.giveUp())];
    void this.replacement.previousIdle().then(onDrained);
    if (probationMs === 0) this.giveUp();
  }

  /** The probation of its successor is over: it does not take over again, and ends when it has no open invocation. */
  giveUp(): void {
    if (!this.#isStandby) return;
    this.#isStandby = false;
    this.successor.wantsRestart = () => true;
    if (this.#isDrained) void this.end();
  }

  /** Becomes the current generation again. The successor is shut down, in the background. */
  takeOver(): void {
    this.#stop();
    this.managed.role = undefined;
    this.managed.wantsRestart = () => true;
    this.replacement.rollBack();
    this.options.onEnd(this);
    void this.replacement.discard().then(async () => {
      await this.successor.sandbox?.end();
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
    await this.managed.sandbox?.end();
    await this.options.unload();
    this.options.onEnd(this);
    this.managed.announce();
  }

  #stop(): void {
    this.#isStandby = false;
    for (const cancel of this.#cancelDeadlines) cancel();
  }

  #onDrained(): void {
    if (this.managed.role !== 'draining') return;
    this.#isDrained = true;
    this.managed.role = 'standby';
    if (!this.#isStandby) void this.end();
  }
}
