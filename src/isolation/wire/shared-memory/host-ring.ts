import { clearUsed, wakeOne, type SharedMemory } from '../../../library/index.js';
import * as L from './layout.js';
import { SLOT, SLOTS, SlotState, W, slotAt } from './layout.js';
import { SlotMemory, type RingCall, type RingReply } from './slot-memory.js';

/** Takes what it needs out of the memory. Returns what to do once the slot is free. Must not throw. */
export type OnReturn = (reply: RingReply) => () => void;

interface Held {
  readonly onReturn: OnReturn;
  readonly sequence: number;
  /** The host waits for it and reads no messages meanwhile. */
  readonly isSync: boolean;
}

/**
 * The host's end of the shared memory: puts invocations into slots, and takes out what returned. Nothing that the child writes is
 * used as an index or a size before it is checked. Tails, offsets and sizes are kept here, and never read back.
 */
export class HostRing {
  readonly #words: Int32Array;
  readonly #slots: SlotMemory;
  readonly #held: (Held | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #free = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  /** One bit for each slot that is in a ring. */
  readonly #open = new Int32Array(L.DONE_WORDS);
  readonly #tails = [0, 0];
  #inFlight = 0;
  #sequence = 0;
  /** Messages that have been read. */
  #received = 0;
  /** Slots that returned after a message that has not been read yet. */
  #deferred: number[] = [];

  constructor(private readonly memory: SharedMemory) {
    this.#words = new Int32Array(memory.view(0, L.WORDS_BYTES));
    this.#slots = new SlotMemory(memory, this.#words);
  }

  /** How many invocations are in a ring. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether the child's thread sleeps. A hint: the child can say anything. */
  get isChildAsleep(): boolean {
    return Atomics.load(this.#words, W.childSleeps) === 1;
  }

  /** How many slots the child has taken out of this ring, if more wait in it. A hint. */
  waitingAt(ring: number): number | undefined {
    const head = Atomics.load(this.#words, W.head + ring);
    return head === this.#tails[ring] ? undefined : head;
  }

  /** Whether there is room for such a call, now or later. */
  fits(capability: number, inputLength: number): boolean {
    return capability < L.MAX_CAPABILITIES && this.#slots.fits(inputLength);
  }

  /** Puts a call that fits into a ring. Returns its slot, or `undefined` if there is no room now. */
  publish(call: RingCall, onReturn: OnReturn, isSync = false): number | undefined {
    const slot = this.#free.pop();
    if (slot === undefined) return undefined;
    if (!this.#slots.fill(slot, call)) {
      this.#free.push(slot);
      return undefined;
    }
    this.#held[slot] = { onReturn, sequence: ++this.#sequence, isSync };
    this.#enqueue(slot, call.isInline ? L.Ring.inline : L.Ring.plain);
    return slot;
  }

  /** Takes back what has not begun. Returns false if it has, or nobody knows. */
  takeBack(slot: number): boolean {
    const at = slotAt(slot) + SLOT.state;
    if (Atomics.compareExchange(this.#words, at, SlotState.queued, SlotState.takenBack) !== SlotState.queued) return false;
    this.#slots.giveBackArea(slot);
    this.#held[slot] = undefined; // the slot is free once the child has passed it
    return true;
  }

  cancel(slot: number): void {
    this.#slots.cancel(slot);
  }

  /** The call of this slot has returned, and its answer comes by a message. Its words stay in use until `free`. */
  leave(slot: number): void {
    if (this.#held[slot] === undefined) return;
    this.#close(slot);
    this.#slots.giveBackArea(slot);
  }

  /** Its invocation is over, as a message said. */
  free(slot: number): void {
    if (this.#held[slot] === undefined) return;
    this.#close(slot);
    if (this.#deferred.length > 0) this.#deferred = this.#deferred.filter((deferred) => deferred !== slot);
    this.#recycle(slot);
  }

  /** An answer was too large for the room that it got. The next call of this capability gets more. */
  expect(capability: number, answerBytes: number): void {
    this.#slots.expect(capability, answerBytes);
  }

  /** Odd while the child's thread gives memory back to the plugin. A hint. */
  get releases(): number {
    return Atomics.load(this.#words, W.releases);
  }

  /** Handles what has returned. Returns how many that were. */
  take(): number {
    const returned = this.#collect();
    for (const slot of returned) this.#onReturned(slot);
    return returned.length;
  }

  /** Another message of the child has been read. */
  onMessage(): void {
    this.#received = (this.#received + 1) | 0;
    if (this.#deferred.length > 0) for (const slot of this.#deferred.splice(0)) this.#onReturned(slot);
  }

  /** Wakes the child's thread if it sleeps. */
  wakeChild(): void {
    if (Atomics.exchange(this.#words, W.childSleeps, 0) === 1) wakeOne(this.memory.address + W.childSleeps * 4);
  }

  /** Whether the child shall ring. */
  setAsleep(isAsleep: boolean): void {
    Atomics.store(this.#words, W.hostSleeps, isAsleep ? 1 : 0);
  }

  /** The child has ended: handles what had returned before, and gives the memory back. */
  close(): void {
    this.take();
    for (const slot of this.#deferred.splice(0)) this.#answer(slot);
    this.memory.release();
  }

  #enqueue(slot: number, ring: number): void {
    const tail = this.#tails[ring]!;
    this.#words[W.entries + ring * SLOTS + (tail & (SLOTS - 1))] = slot;
    this.#tails[ring] = (tail + 1) | 0;
    this.#open[slot >> 5]! |= 1 << (slot & 31);
    this.#inFlight++;
    Atomics.store(this.#words, W.tail + ring, (tail + 1) | 0);
  }

  /** The slots whose bits are set, in the order in which they were filled. */
  #collect(): readonly number[] {
    const returned: number[] = [];
    for (let i = 0; i < L.DONE_WORDS; i++) {
      if (this.#open[i] === 0 || Atomics.load(this.#words, W.done + i) === 0) continue;
      let bits = Atomics.exchange(this.#words, W.done + i, 0) & this.#open[i]!;
      for (; bits !== 0; bits &= bits - 1) returned.push(i * 32 + 31 - Math.clz32(bits & -bits));
    }
    for (const slot of returned) this.#close(slot);
    return returned.length > 1 ? returned.sort((a, b) => this.sequence(a) - this.sequence(b)) : returned;
  }

  private readonly sequence = (slot: number): number => this.#held[slot]?.sequence ?? 0;

  /** Answers it, unless a message that the child sent before is still to be read. */
  #onReturned(slot: number): void {
    const sent = this.#words[slotAt(slot) + SLOT.sent]!;
    if (this.#held[slot]?.isSync !== true && ((sent - this.#received) | 0) > 0) this.#deferred.push(slot);
    else this.#answer(slot);
  }

  #answer(slot: number): void {
    const held = this.#held[slot];
    if (held === undefined) {
      this.#recycle(slot); // it was taken back
      return;
    }
    const reply = this.#slots.reply(slot);
    const settle = held.onReturn(reply);
    clearUsed(reply.block, reply.length);
    this.#recycle(slot);
    settle();
  }

  /** No bit is expected any more. */
  #close(slot: number): void {
    const bit = 1 << (slot & 31);
    if ((this.#open[slot >> 5]! & bit) === 0) return;
    this.#open[slot >> 5]! &= ~bit;
    this.#inFlight--;
  }

  /** The slot can be used again. Native code that still reads its cancel word sees that the invocation has ended. */
  #recycle(slot: number): void {
    this.cancel(slot);
    this.#slots.giveBackArea(slot);
    this.#held[slot] = undefined;
    this.#free.push(slot);
  }
}
