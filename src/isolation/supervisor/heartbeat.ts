import { deadline } from '../../options/deadline-clock.js';
import type { ProcessClock } from '../../options/process-clock.js';
import type { Backlog } from '../wire/transport.js';

/** A child that could run for this many intervals without a sign of life is stuck. */
const MAX_MISSED = 3;

export interface MonitoredChild {
  readonly backlog: Pick<Backlog, 'unsent' | 'portions'>;
  readonly clock: ProcessClock;
  /** Sends a ping. */
  readonly ping: () => void;
  /** `problem` completes "it …". */
  readonly onStuck: (problem: string) => void;
}

/**
 * Sends pings to a child and notices if it is stuck. Any bytes that it sends are a sign of life, and so is reading: a ping that is
 * queued behind megabytes is answered only after the child has read those, and an answer arrives behind what is sent before it.
 * Silence is measured in time that the child could run, so a child that is stopped or starved is not stuck.
 */
export class Heartbeat {
  #cancelBeat!: () => void;
  #cancelSilence: (() => void) | undefined;
  #wasBehind = false;
  #portions = 0;

  constructor(
    private readonly intervalMs: number,
    private readonly child: MonitoredChild,
  ) {
    this.#scheduleBeat();
  }

  onSignOfLife(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
  }

  stop(): void {
    this.#cancelBeat();
    this.onSignOfLife();
  }

  #scheduleBeat(): void {
    this.#cancelBeat = deadline(this.intervalMs, () => this.#beat());
  }

  #beat(): void {
    const { backlog, ping, clock } = this.child;
    if (this.#hasRead()) this.onSignOfLife();
    const isBehind = backlog.unsent > 0;
    this.#wasBehind = isBehind;
    this.#cancelSilence ??= clock.deadline(this.intervalMs * MAX_MISSED, () => this.#onSilence());
    if (!isBehind) ping();
    this.#scheduleBeat();
  }

  /** Whether the child has read something that it was behind with, since the last time that this was asked. */
  #hasRead(): boolean {
    const { portions } = this.child.backlog;
    const hasRead = this.#wasBehind && portions > this.#portions;
    this.#portions = portions;
    return hasRead;
  }

  #onSilence(): void {
    this.#cancelSilence = undefined;
    // Since the last beat it may have read something. The next beat measures anew.
    if (this.#hasRead()) return;
    this.stop();
    const forMs = `for ${this.intervalMs * MAX_MISSED} ms`;
    this.child.onStuck(this.#wasBehind ? `read nothing of what it was sent ${forMs}` : `gave no sign of life ${forMs}`);
  }
}
