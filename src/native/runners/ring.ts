import { setWordAt, wordAt, type Opaque } from '../../library/memory.js'; // not the index: see native-driver.ts
import type { NativeCall } from '../../library/native-call.js';
import { SIGNATURES, type PrototypeName } from '../../library/prototypes.js';
import { Hold, RunnerState, SLOT, SLOTS, SlotState, W, newWords } from './layout.js';

type OnReturn = (result: number) => void;

const NAMES = Object.keys(SIGNATURES) as PrototypeName[];
const NUMBERS = new Map(NAMES.map((name, number) => [name, number]));
const isSigned = (prototype: PrototypeName): boolean => ['int32_t', 'int'].includes(SIGNATURES[prototype][0]);

interface InRing {
  readonly call: NativeCall;
  readonly onReturn: OnReturn;
}

/** The main thread's side of the memory that it shares with one runner: publishes calls, and handles those that returned. */
export class Ring {
  readonly #words: Int32Array;
  readonly #unsigned: Uint32Array;
  readonly #calls: (InRing | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #head = 0;
  #tail = 0;

  /** `wake` wakes a runner that waits for something else than the head of this ring. */
  constructor(
    private readonly wake: (() => void) | undefined,
    readonly shared: SharedArrayBuffer = newWords(),
  ) {
    this.#words = new Int32Array(shared);
    this.#unsigned = new Uint32Array(shared);
  }

  /** Whether the runner has passed all slots. */
  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  get isFull(): boolean {
    return ((this.#head - this.#tail) | 0) >= SLOTS;
  }

  /** Whether the runner has passed slots that were not handled. */
  get hasReturned(): boolean {
    return Atomics.load(this.#words, W.done) !== this.#tail;
  }

  /** Whether the runner sleeps although a call waits, and it waits for nothing else. */
  get isLeftAsleep(): boolean {
    const words = this.#words;
    return Atomics.load(words, W.done) !== this.#head && Atomics.load(words, W.runner) === RunnerState.asleep && Atomics.load(words, W.paused) === Hold.none;
  }

  /** Wakes the runner, whether or not it sleeps. */
  nudge(): void {
    Atomics.compareExchange(this.#words, W.runner, RunnerState.asleep, RunnerState.awake);
    Atomics.notify(this.#words, W.head);
    this.wake?.();
  }

  /** Puts a call into the next slot, whose index it returns, and wakes the runner. The ring must not be full. */
  publish(call: NativeCall, waitsForRelease: boolean, onReturn: OnReturn): number {
    const words = this.#words;
    const unsigned = this.#unsigned;
    const index = this.#head & (SLOTS - 1);
    const slot = slotAt(index);
    words[slot + SLOT.prototype] = NUMBERS.get(call.prototype) ?? 0;
    setWordAt(unsigned, slot + SLOT.at, call.at);
    const { args } = call;
    for (let i = 0; i < args.length; i++) setOpaqueAt(unsigned, slot + SLOT.args + 2 * i, args[i] ?? 0);
    setWordAt(unsigned, slot + SLOT.reply, waitsForRelease ? (call.reply ?? 0) : 0);
    this.#calls[index] = { call, onReturn };
    Atomics.store(words, slot + SLOT.state, SlotState.queued);
    this.#head = (this.#head + 1) | 0;
    Atomics.store(words, W.head, this.#head);
    const wasAsleep = Atomics.load(words, W.runner) === RunnerState.asleep;
    if (!wasAsleep || Atomics.compareExchange(words, W.runner, RunnerState.asleep, RunnerState.awake) !== RunnerState.asleep) return index;
    Atomics.notify(words, W.head, 1);
    this.wake?.();
    return index;
  }

  /** Takes back the call in a slot. Returns false if it has begun; else it never will. */
  takeBack(index: number): boolean {
    if (Atomics.compareExchange(this.#words, slotAt(index) + SLOT.state, SlotState.queued, SlotState.takenBack) !== SlotState.queued) return false;
    this.#calls[index] = undefined;
    return true;
  }

  /** Handles what has returned. Returns whether the runner has passed any slot. */
  drain(): boolean {
    const done = Atomics.load(this.#words, W.done);
    if (done === this.#tail) return false;
    while (this.#tail !== done) {
      const index = this.#tail & (SLOTS - 1);
      const inRing = this.#calls[index];
      this.#calls[index] = undefined;
      this.#tail = (this.#tail + 1) | 0;
      inRing?.onReturn(this.#resultOf(index, inRing.call.prototype));
    }
    return true;
  }

  /**
   * Lets the runner go on after a reply whose memory has been released. Only once all that returned has been handled. The runner
   * says what it waits for before it counts the call as done, so its word alone does not mean that this reply has been handled.
   */
  resume(): void {
    const held = Atomics.load(this.#words, W.paused);
    if (held > Hold.none && held - 1 === ((this.#tail - 1) & (SLOTS - 1))) this.#endHold();
  }

  /** Lets the runner go on after a call that is not of this ring. */
  resumeOther(): void {
    if (Atomics.load(this.#words, W.paused) === Hold.other) this.#endHold();
  }

  /** Asks for a message once a call returns. Returns false if one has returned already: then there is no message. */
  sleep(): boolean {
    const words = this.#words;
    Atomics.store(words, W.mainSleeps, 1);
    return Atomics.load(words, W.done) === this.#tail || Atomics.compareExchange(words, W.mainSleeps, 1, 0) === 0;
  }

  /** No call begins any more. Returns whether the runner is at rest within `ms`, which one inside native code is not. */
  stop(ms: number): boolean {
    const words = this.#words;
    if (Atomics.exchange(words, W.runner, RunnerState.stopped) === RunnerState.asleep) return true;
    for (const word of [W.head, W.paused]) Atomics.notify(words, word);
    return Atomics.load(words, W.parked) === 1 || Atomics.wait(words, W.parked, 0, ms) !== 'timed-out';
  }

  #endHold(): void {
    Atomics.store(this.#words, W.paused, Hold.none);
    Atomics.notify(this.#words, W.paused, 1);
  }

  #resultOf(index: number, prototype: PrototypeName): number {
    const at = slotAt(index) + SLOT.result;
    return isSigned(prototype) ? (this.#words[at] ?? 0) : wordAt(this.#unsigned, at);
  }
}

const slotAt = (index: number): number => W.slots + index * SLOT.words;

function setOpaqueAt(words: Uint32Array, index: number, value: Opaque): void {
  if (typeof value === 'number') {
    setWordAt(words, index, value);
    return;
  }
  words[index] = Number(BigInt.asUintN(32, value));
  words[index + 1] = Number(BigInt.asUintN(32, value >> 32n));
}
