import { clockNow, deadline as hostDeadline } from './deadline-clock.js';
import { NEVER_MS } from './never.js';
import { readProcessState, type ProcessState } from './process-state.js';

/**
 * The time in which a process could run: its child's for a host, its own for native code on other threads.
 *
 * A plugin is judged by this time, not by what passed on the wall. Several times a second, while it matters, the process's
 * threads are looked at:
 *
 * - It used the processor: that time counts. A plugin that spins gets to its deadline.
 * - All threads were asleep: the time counts. A plugin that waits for ever gets to its deadline.
 * - A thread was ready to run and did not get a processor: only what it used counts. The machine starved it.
 * - It was stopped (SIGSTOP, a debugger), or waited for a disk or for memory: nothing counts.
 *
 * The time that the looking process was itself stopped never counts (deadline-clock.ts). Where the operating system does
 * not tell (anything but Linux; a /proc that is hidden) every moment of the looking process counts.
 */
export class ProcessClock {
  #counted = 0;
  /** `clockNow()` at the last look. */
  #lookedAt = 0;
  #last: ProcessState | undefined;
  /** Not counted, since a thread was ready to run. Counted after all if that was so at one look only. */
  #withheld = 0;
  #users = 0;
  #isTicking = false;
  #callOffTick: () => void = () => undefined;
  #tickEnds = Infinity;
  readonly #watched = new Set<Watched>();

  /** Whether a process that sleeps may be waiting for its host, such as for its output to be read. */
  mayWaitForHost: () => boolean = () => false;

  constructor(private readonly pid = process.pid) {}

  /**
   * Calls `onLate` once, when the process could run for `ms`; with NEVER_MS or more never. A process that cannot run gets
   * `patienceMs` more. Returns what calls it off.
   */
  deadline(ms: number, onLate: () => void, { patienceMs = NEVER_MS }: StepDeadlineOptions = {}): () => void {
    if (ms >= NEVER_MS) return () => undefined;
    const end = (): boolean => {
      callOffPatience();
      return this.#watched.delete(watched);
    };
    const late = (): void => void (end() && onLate());
    const callOffPatience = hostDeadline(ms + patienceMs, late);
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

  /** As if everything since the last look counted: too late a start of a measurement is in the process's favour. */
  #now(): number {
    if (!this.#isTicking) this.#start();
    return this.#counted + clockNow() - this.#lookedAt;
  }

  #start(): void {
    this.#isTicking = true;
    this.#withheld = 0;
    this.#tickAgain(); // first, since the other clock may have been standing still
    this.#lookedAt = clockNow();
    this.#last = readProcessState(this.pid, { onlyMain: true });
  }

  #tickAgain(): void {
    this.#callOffTick();
    const next = Math.min(Infinity, ...[...this.#watched].map(({ at }) => at - this.#counted));
    const ms = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, next));
    this.#callOffTick = hostDeadline(ms, () => this.#tick());
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

  /** Of `elapsed` milliseconds since the last look. */
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
  /** Does nothing once it was called, or called off. */
  readonly late: () => void;
}

export interface StepDeadlineOptions {
  /** How long a process that cannot run is waited for beyond the deadline. Default: for ever. */
  readonly patienceMs?: number;
}

export interface Measure {
  /** How long the process could run since. */
  ms(): number;
  stop(): void;
}

/** For a step of a plugin's life: somebody waits for it, and a plugin may stop its own process. */
export const STEP_PATIENCE_MS = 600_000;

/** Between two looks: a look takes some tenths of a millisecond. */
const MAX_TICK_MS = 250;
const MIN_TICK_MS = 10;

/** Of this process, for native code on its other threads. */
export const ownClock = new ProcessClock();
