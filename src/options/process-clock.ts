import { clockNow, deadline as hostDeadline } from './deadline-clock.js';
import { NEVER_MS } from './never.js';
import { readProcessState, type ProcessState } from './process-state.js';

/**
 * The time in which a process could run: a child of the host, or this process for native code on other threads.
 *
 * Deadlines of plugins use this time, not wall-clock time. While a deadline is watched, the process's threads are sampled
 * several times a second:
 *
 * - The process used the processor: that time counts. A plugin in a busy loop reaches its deadline.
 * - All threads were asleep: the time counts. A plugin that waits forever reaches its deadline.
 * - A thread was ready to run but got no processor: only processor time counts. The machine starved the process.
 * - It was stopped (SIGSTOP, a debugger), or waited for a disk or for memory: only processor time counts.
 *
 * Time in which the sampling process was itself stopped never counts (deadline-clock.ts). If the operating system does not
 * report thread states (systems other than Linux, or /proc is hidden), all time in which the sampling process ran counts.
 */
export class ProcessClock {
  #counted = 0;
  /** `clockNow()` at the last sample. */
  #lookedAt = 0;
  #last: ProcessState | undefined;
  /** Time not counted because a thread was ready to run. Counted later if that was true in only one sample. */
  #withheld = 0;
  #users = 0;
  #isTicking = false;
  #cancelTick: () => void = () => undefined;
  #tickEnds = Infinity;
  readonly #watched = new Set<Watched>();

  /** Whether a sleeping process may be waiting for its host, for example for its output to be read. */
  mayWaitForHost: () => boolean = () => false;

  constructor(private readonly pid = process.pid) {}

  /**
   * Calls `onLate` once, after the process could run for `ms`; never if `ms` is NEVER_MS or more. If the process cannot run,
   * waits `patienceMs` longer at most. Returns a function that cancels the deadline.
   */
  deadline(ms: number, onLate: () => void, { patienceMs = NEVER_MS }: StepDeadlineOptions = {}): () => void {
    if (ms >= NEVER_MS) return () => undefined;
    const end = (): boolean => {
      cancelPatience();
      return this.#watched.delete(watched);
    };
    const late = (): void => void (end() && onLate());
    const cancelPatience = hostDeadline(ms + patienceMs, late);
    const watched: Watched = { at: this.#now() + ms, late };
    this.#watched.add(watched);
    if (clockNow() + ms < this.#tickEnds) this.#tickAgain();
    return end;
  }

  /** Measures from now on, until `stop` is called. */
  measure(): Measure {
    const began = this.#now();
    let isOver = false;
    this.#users++;
    return {
      ms: () => {
        if (clockNow() - this.#lookedAt >= MIN_TICK_MS) this.#count();
        return Math.max(0, this.#counted - began);
      },
      stop: () => {
        if (!isOver) this.#users--;
        isOver = true;
      },
    };
  }

  /** Assumes that all time since the last sample counts. If not, a measurement starts too late, which favours the process. */
  #now(): number {
    if (!this.#isTicking) this.#start();
    return this.#counted + clockNow() - this.#lookedAt;
  }

  #start(): void {
    this.#isTicking = true;
    this.#withheld = 0;
    this.#tickAgain(); // first, because the deadline clock does not advance unless it watches a deadline
    this.#lookedAt = clockNow();
    this.#last = readProcessState(this.pid, { onlyMain: true });
  }

  #tickAgain(): void {
    this.#cancelTick();
    const next = Math.min(Infinity, ...[...this.#watched].map(({ at }) => at - this.#counted));
    const ms = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, next));
    this.#cancelTick = hostDeadline(ms, () => this.#tick());
    this.#tickEnds = clockNow() + ms;
  }

  #tick(): void {
    if (this.#watched.size === 0 && this.#users === 0) {
      this.#isTicking = false;
      this.#tickEnds = Infinity;
      return;
    }
    this.#count();
    for (const watched of [...this.#watched]) {
      if (watched.at <= this.#counted) watched.late();
    }
    this.#tickAgain();
  }

  #count(): void {
    const now = clockNow();
    const state = readProcessState(this.pid);
    this.#counted += this.#couldRun(now - this.#lookedAt, state);
    this.#lookedAt = now;
    this.#last = state;
  }

  /** How many of the `elapsed` milliseconds since the last sample count. */
  #couldRun(elapsed: number, state: ProcessState | undefined): number {
    const last = this.#last;
    if (state === undefined || last === undefined) return elapsed;
    const used = Math.min(elapsed, state.cpuMs - last.cpuMs);
    switch (state.activity) {
      case 'asleep': {
        if (last.activity === 'stopped' || this.mayWaitForHost()) return used;
        const withheld = this.#withheld;
        this.#withheld = 0;
        return elapsed + withheld;
      }
      case 'runnable':
        this.#withheld = last.activity === 'asleep' ? elapsed - used : 0;
        return used;
      case 'stopped':
      case 'blocked':
        this.#withheld = 0;
        return used;
    }
  }
}

interface Watched {
  readonly at: number;
  /** Does nothing after the first call, or once the deadline is cancelled. */
  readonly late: () => void;
}

export interface StepDeadlineOptions {
  /** How much longer to wait for a process that cannot run. Default: forever. */
  readonly patienceMs?: number;
}

export interface Measure {
  /** How long the process could run since the start of the measurement. */
  ms(): number;
  stop(): void;
}

/** For a lifecycle step. Limited, because the host waits for it and a plugin may stop its own process. */
export const STEP_PATIENCE_MS = 600_000;

/** Time between two samples. A sample takes some tenths of a millisecond. */
const MAX_TICK_MS = 250;
const MIN_TICK_MS = 10;

/** The clock of this process, for native code on its other threads. */
export const ownClock = new ProcessClock();
