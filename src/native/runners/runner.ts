import type { NativeCall } from '../../library/native-call.js';
import { hasFenv } from '../../library/floating-point.js';
import { SIGNATURES } from '../../library/prototypes.js';
import { monotonicNow, setImmediate, setTimeout } from '../../machine/node-timers.js';
import { SecondLook } from '../../options/second-look.js';
import type { CallThread } from './call-thread.js';
import { CALLS_PROGRAM, RUNNER_PROGRAM } from './program.js';
import { Ring } from './ring.js';
import { SPIN_MS, SpinGate } from './spin.js';
import { RunnerThread } from './thread.js';

export interface RunnerEvents {
  /** It takes calls from now on. */
  readonly onUp: () => void;
  /** It could not start, or has ended, which nothing but a lack of memory does. */
  readonly onLost: (error: unknown) => void;
}

/** A runner that also makes calls which do not come from the main thread. */
export interface OtherCalls {
  /** Text that follows CALLS_PROGRAM. It gets `data` as `more`. */
  readonly program: string;
  readonly data: object;
  /** Wakes the runner if it sleeps. */
  readonly wake: () => void;
  readonly onMessage: (message: unknown) => void;
}

/** Calls in the ring of one plugin's queue. More would only keep memory. */
const CAPACITY = 64;
/** How long a runner may take to come to rest: after a call that does not block, and while it starts, on a busy machine. */
const REST_MS = 100;
const START_MS = 2000;

/**
 * A thread of this package that makes native calls. After a call the main thread looks for its return for a short while,
 * from its event loop, and then sleeps until the runner sends a message.
 */
export class Runner implements CallThread {
  readonly capacity = CAPACITY;
  readonly #ring: Ring;
  readonly #worker: RunnerThread['worker'];
  readonly #gate = new SpinGate();
  /** Nothing is in flight, and nothing looks for returns. */
  #isIdle = true;
  #isUp = false;
  /** It keeps the process running. */
  #isHeld = false;
  #since = 0;
  #returned = 0;
  readonly #secondLook = new SecondLook({
    isWaiting: () => !this.#ring.isEmpty,
    progress: () => this.#returned,
    problem: () => this.#lostWakeUp(),
    recover: () => {
      this.#ring.nudge();
      this.#wake();
    },
    onLost: (problem) => process.emitWarning(`A wake-up between two threads was lost, and aisopod-plugin has made up for it: ${problem}.`),
  });

  /** @throws the error of Node if no thread can start */
  constructor({ onUp, onLost }: RunnerEvents, other?: OtherCalls, started?: RunnerThread) {
    const program = {
      program: other === undefined ? RUNNER_PROGRAM : CALLS_PROGRAM + other.program,
      data: { signatures: Object.values(SIGNATURES), hasFenv, more: other?.data },
    };
    const thread = started ?? new RunnerThread(program);
    started?.run(program);
    this.#ring = new Ring(other?.wake, thread.shared);
    this.#worker = thread.worker;
    this.#worker.on('message', (message) => {
      if (message === 'done') this.#wake();
      else if (message !== 'up') other?.onMessage(message);
      else {
        this.#isUp = true;
        onUp();
      }
    });
    this.#worker.on('error', onLost);
    this.#worker.unref(); // a listener keeps the process running
  }

  /** Keeps the process running, for a call that waits for this thread to start. */
  keepAlive(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#worker.ref();
  }

  mayEnd(): void {
    if (this.#isIdle) this.#becomeIdle();
  }

  run(call: NativeCall, waitsForRelease: boolean, onReturn: (result: number) => void): number {
    const slot = this.#ring.publish(call, waitsForRelease, onReturn);
    if (this.#isIdle) this.#begin();
    return slot;
  }

  takeBack(slot: number): boolean {
    return this.#ring.takeBack(slot);
  }

  get isFull(): boolean {
    return this.#ring.isFull;
  }

  resume(): void {
    this.#ring.resume();
  }

  /** Lets it go on after one of the other calls, for which it waits (`Hold.other`). */
  resumeOther(): void {
    this.#ring.resumeOther();
  }

  /** Before the process ends: see `Ring.stop`. A runner that starts is not in a plugin's code, so it is waited for. */
  stop(): boolean {
    return this.#ring.stop(this.#isUp ? REST_MS : START_MS);
  }

  /** Ends the thread, which has nothing to do. Node may end it only while it is at rest, where it soon is. */
  end(): void {
    if (this.#ring.stop(0)) void this.#worker.terminate();
    else setTimeout(() => this.end(), 1).unref();
  }

  #begin(): void {
    this.#isIdle = false;
    if (this.#gate.isOpen) this.#look();
    else this.#sleep();
  }

  #look(): void {
    this.#since = monotonicNow();
    setImmediate(this.#tick);
  }

  readonly #tick = (): void => {
    if (this.#drain()) {
      this.#since = monotonicNow();
      this.#gate.hit();
    }
    if (this.#ring.isEmpty) this.#becomeIdle();
    else if (monotonicNow() - this.#since < SPIN_MS) setImmediate(this.#tick);
    else {
      this.#gate.miss();
      this.#sleep();
    }
  };

  #becomeIdle(): void {
    this.#isIdle = true;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#worker.unref();
  }

  #sleep(): void {
    this.keepAlive();
    if (!this.#ring.sleep()) setImmediate(this.#wake);
    this.#secondLook.begin();
  }

  #drain(): boolean {
    const hasReturned = this.#ring.drain();
    if (hasReturned) this.#returned++;
    return hasReturned;
  }

  #lostWakeUp(): string | undefined {
    if (this.#ring.hasReturned) return 'a call had returned, and no message came';
    return this.#ring.isLeftAsleep ? 'a call waited, and its thread slept' : undefined;
  }

  readonly #wake = (): void => {
    this.#drain();
    if (this.#ring.isEmpty) this.#becomeIdle();
    else this.#sleep();
  };
}
