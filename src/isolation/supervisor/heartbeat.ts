import { deadline } from '../../options/deadline-clock.js';
import type { ProcessClock } from '../../options/process-clock.js';
import type { Backlog } from '../wire/transport.js';

/** A child that could run for this many times the interval, and gave no sign of life, is stuck. */
const MAX_MISSED = 3;

export interface Heart {
  readonly backlog: Pick<Backlog, 'unsent' | 'portions'>;
  /** Of the child. */
  readonly clock: ProcessClock;
  /** Asks for a sign of life. */
  readonly ask: () => void;
  /** `problem` follows "it". */
  readonly onStuck: (problem: string) => void;
}

/**
 * Asks for a sign of life now and then. Reading what it was sent counts as one: what is asked behind megabytes is answered
 * when those have been read. The silence is measured in time that the child could run: one that is stopped or starved is
 * not stuck.
 */
export class Heartbeat {
  #callOffBeat!: () => void;
  #callOffSilence: (() => void) | undefined;
  #wasBehind = false;
  #portions = 0;

  constructor(
    private readonly everyMs: number,
    private readonly heart: Heart,
  ) {
    this.#waitForBeat();
  }

  heard(): void {
    this.#callOffSilence?.();
    this.#callOffSilence = undefined;
  }

  stop(): void {
    this.#callOffBeat();
    this.heard();
  }

  #waitForBeat(): void {
    this.#callOffBeat = deadline(this.everyMs, () => this.#beat());
  }

  #beat(): void {
    const { backlog, ask, clock } = this.heart;
    const isBehind = backlog.unsent > 0;
    if (this.#wasBehind && backlog.portions > this.#portions) this.heard();
    this.#wasBehind = isBehind;
    this.#portions = backlog.portions;
    this.#callOffSilence ??= clock.deadline(this.everyMs * MAX_MISSED, () => this.#onSilence());
    if (!isBehind) ask();
    this.#waitForBeat();
  }

  #onSilence(): void {
    this.stop();
    const forMs = `for ${this.everyMs * MAX_MISSED} ms`;
    this.heart.onStuck(this.#wasBehind ? `read nothing of what it was sent ${forMs}` : `gave no sign of life ${forMs}`);
  }
}
