import { clearTimeout, monotonicNow, queueMicrotask, setImmediate, setTimeout } from '../../../machine/node-timers.js';
import { SecondLook } from '../../../options/second-look.js';
import { Gate, MAY_SPIN, PREEMPTED_MS, PREEMPTED_WEIGHT } from './gate.js';
import type { HostRing } from './host-ring.js';
import { Ring } from '../slot-layout.js';

/** How long the event loop is held to look for the answer of a call that was just made: waking up takes longer than most calls. */
const HOLD_MS = 0.01;
/** How long to look from the event loop, since the last answer, before the host sleeps until the child rings. */
const POLL_MS = 0.05;
/** How often to look between two readings of the clock. */
const LOOKS = 10;
/** A ring that did not move for so long may wait behind a call that blocks. */
const STALL_MS = 1;
const MAX_STALL_MS = 100;
/** How long a synchronous call waits awake, and how long it sleeps at a time after that. */
const HOT_MS = 0.1;
const PAUSE_MS = 0.05;
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** Decides when the host looks for what has returned. It never waits for the child: each look is bounded. */
export class RingWatch {
  readonly #holdGate = new Gate();
  readonly #pollGate = new Gate();
  #isFlushing = false;
  #isPolling = false;
  #since = 0;
  #returned = 0;
  readonly #secondLook: SecondLook;
  #stall: NodeJS.Timeout | undefined;
  #stallMs = STALL_MS;
  #isClosed = false;

  constructor(
    private readonly ring: Pick<HostRing, 'inFlight' | 'isChildAsleep' | 'lostWakeUp' | 'waitingAt' | 'setAsleep' | 'take' | 'wakeChild' | 'nudgeChild'>,
    private readonly events: {
      /** Whether the child may run what waits in this ring on other threads. */
      mayHelp(ring: number): boolean;
      /** What waits in this ring should not have to wait for the thread. */
      onStall(ring: number): void;
      onLostWakeUp(problem: string): void;
    },
  ) {
    this.#secondLook = new SecondLook({
      isWaiting: () => ring.inFlight > 0,
      progress: () => this.#returned,
      problem: () => ring.lostWakeUp,
      recover: () => {
        ring.nudgeChild();
        this.onBell();
      },
      onLost: (problem) => events.onLostWakeUp(problem),
    });
  }

  /** A call was published. All that are published before the next microtask are announced together. */
  onPublished(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(this.#flush);
  }

  /**
   * Waits on this thread until `isDone`, for `ms` at most. A call that waits behind one that blocks gets help. This is the only
   * wait for a child on the host's thread.
   */
  waitFor(isDone: () => boolean, ms: number): void {
    const { ring } = this;
    const start = monotonicNow();
    let isHelped = false;
    ring.setAsleep(false);
    ring.wakeChild();
    while (!isDone()) {
      if (this.#take() > 0) continue;
      const waited = monotonicNow() - start;
      if (waited >= ms) break;
      if (!isHelped && waited >= STALL_MS && ring.waitingAt(Ring.inline) !== undefined) {
        isHelped = true;
        this.events.onStall(Ring.inline);
      }
      if (!MAY_SPIN || waited > HOT_MS) Atomics.wait(NOTHING, 0, 0, PAUSE_MS);
    }
    this.#watch();
  }

  /** The child rang. Returns whether anything had returned. */
  onBell(): boolean {
    const hasReturned = this.#take() > 0;
    if (hasReturned) this.#watch();
    else if (!this.#isPolling) this.#sleep();
    return hasReturned;
  }

  close(): void {
    this.#isClosed = true;
    this.#secondLook.end();
    clearTimeout(this.#stall);
  }

  readonly #flush = (): void => {
    this.#isFlushing = false;
    if (this.#isClosed) return;
    if (this.ring.isChildAsleep) this.ring.wakeChild();
    else if (this.ring.inFlight === 1 && this.#hold()) return;
    this.#watch();
  };

  /** Looks at once, for a very short time. Returns whether nothing is in flight any more. */
  #hold(): boolean {
    const { ring } = this;
    const start = monotonicNow();
    if (!this.#holdGate.isOpen(start)) return false;
    ring.setAsleep(false);
    for (let now = start; now - start < HOLD_MS; now = monotonicNow()) {
      for (let i = 0; i < LOOKS; i++) {
        if (this.#take() === 0) continue;
        this.#holdGate.hit();
        return ring.inFlight === 0;
      }
    }
    this.#holdGate.miss(monotonicNow());
    return false;
  }

  #watch(): void {
    if (this.ring.inFlight === 0) return;
    this.#since = monotonicNow();
    if (this.#isPolling) return;
    if (!this.#pollGate.isOpen(this.#since)) {
      this.#sleep();
      return;
    }
    this.#isPolling = true;
    this.ring.setAsleep(false);
    setImmediate(this.#poll);
  }

  readonly #poll = (): void => {
    if (this.#isClosed) return;
    const hasReturned = this.#take() > 0;
    const now = monotonicNow();
    if (hasReturned) {
      this.#pollGate.hit();
      this.#since = now;
    }
    if (this.ring.inFlight === 0) this.#isPolling = false;
    else if (now - this.#since < POLL_MS) setImmediate(this.#poll);
    else {
      this.#isPolling = false;
      this.#pollGate.miss(now, now - this.#since > POLL_MS + PREEMPTED_MS ? PREEMPTED_WEIGHT : undefined);
      this.#sleep();
    }
  };

  /** Until the child rings. It is asked to first, and then looked at once more: it may have returned something in between. */
  #sleep(): void {
    if (this.#isClosed || this.ring.inFlight === 0) return;
    this.ring.setAsleep(true);
    if (this.#take() > 0) {
      this.#watch();
      return;
    }
    this.#watchForStall();
    this.#secondLook.begin();
  }

  #take(): number {
    const count = this.ring.take();
    this.#returned += count;
    return count;
  }

  /** A ring from which nothing is taken for a while waits behind a call that blocks, and gets help if that is allowed. */
  #watchForStall(): void {
    if (this.#stall !== undefined) return;
    const before = this.#waiting();
    if (before.every((head) => head === undefined)) return;
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      const now = this.#waiting();
      const stalled = now.map((head, ring) => head !== undefined && head === before[ring]);
      stalled.forEach((isStalled, ring) => isStalled && this.events.onStall(ring));
      this.#stallMs = stalled.includes(true) ? Math.min(MAX_STALL_MS, this.#stallMs * 2) : STALL_MS;
      this.#watchForStall();
    }, this.#stallMs);
    this.#stall.unref();
  }

  /** Per ring that may get help: how far the child is, if anything waits. */
  #waiting(): readonly (number | undefined)[] {
    if (this.ring.inFlight === 0) return [];
    return [Ring.plain, Ring.inline].map((ring) => (this.events.mayHelp(ring) ? this.ring.waitingAt(ring) : undefined));
  }
}
