import { clearUsed, wakeOne, type SharedMemory } from '../../../library/index.js';
import type { ChannelCall, OnReturn } from '../call-channel.js';
import { OpenSlots } from '../open-slots.js';
import * as L from '../slot-layout.js';
import { SLOT, SLOTS, SlotState, W, slotAt } from '../slot-layout.js';
import { SlotMemory } from './slot-memory.js';

/**
 * The host's end of the shared memory: puts invocations into slots, and takes out what returned. Nothing that the child writes is
 * used as an index or a size before it is checked. Tails, offsets and sizes are kept here, and never read back.
 */
export class HostRing {
  readonly #words: Int32Array;
  readonly #memory: SlotMemory;
  readonly #slots: OpenSlots;
  readonly #tails = [0, 0];

  constructor(private readonly memory: SharedMemory) {
    this.#words = new Int32Array(memory.view(0, L.WORDS_BYTES));
    this.#memory = new SlotMemory(memory, this.#words);
    this.#slots = new OpenSlots({
      answer: (slot, onReturn) => this.#answer(slot, onReturn),
      recycle: (slot) => this.#recycle(slot),
    });
  }

  /** How many invocations are in a ring. */
  get inFlight(): number {
    return this.#slots.inFlight;
  }

  /** Whether the child's thread sleeps. A hint: the child can say anything. */
  get isChildAsleep(): boolean {
    return Atomics.load(this.#words, W.childSleeps) === 1;
  }

  /** While the host sleeps: what is so for longer than a moment only if a wake-up was lost. A hint. */
  get lostWakeUp(): string | undefined {
    if (this.#slots.bits.some((open, i) => (Atomics.load(this.#words, W.done + i) & open) !== 0)) return 'an answer waited, and its process did not ring';
    const isWaiting = this.#tails.some((_tail, ring) => this.waitingAt(ring) !== undefined);
    return isWaiting && this.isChildAsleep ? 'a call waited, and the thread for calls slept' : undefined;
  }

  /** How many slots the child has taken out of this ring, if more wait in it. A hint. */
  waitingAt(ring: number): number | undefined {
    const head = Atomics.load(this.#words, W.head + ring);
    return head === this.#tails[ring] ? undefined : head;
  }

  /** Whether there is room for such a call, now or later. */
  fits(capability: number, inputLength: number): boolean {
    return capability < L.MAX_CAPABILITIES && this.#memory.fits(inputLength);
  }

  /** Puts a call that fits into a ring. Returns its slot, or `undefined` if there is no room now. */
  publish(call: ChannelCall, onReturn: OnReturn, isSync = false): number | undefined {
    const slot = this.#slots.take();
    if (slot === undefined) return undefined;
    if (!this.#memory.fill(slot, call, isSync)) {
      this.#slots.giveBack(slot);
      return undefined;
    }
    this.#slots.open(slot, onReturn, isSync);
    this.#enqueue(slot, call.isInline ? L.Ring.inline : L.Ring.plain);
    return slot;
  }

  /** Takes back what has not begun. Returns false if it has, or nobody knows. */
  takeBack(slot: number): boolean {
    const at = slotAt(slot) + SLOT.state;
    if (Atomics.compareExchange(this.#words, at, SlotState.queued, SlotState.takenBack) !== SlotState.queued) return false;
    this.#memory.giveBackArea(slot);
    this.#slots.forget(slot);
    return true;
  }

  cancel(slot: number): void {
    this.#memory.cancel(slot);
  }

  /** The call of this slot has returned, and its answer comes by a message. Its words stay in use until `free`. */
  leave(slot: number): void {
    if (this.#slots.leave(slot)) this.#memory.giveBackArea(slot);
  }

  /** Its invocation is over, as a message said. */
  free(slot: number): void {
    this.#slots.free(slot);
  }

  /** An answer was too large for the room that it got. The next call of this capability gets more. */
  expect(capability: number, answerBytes: number): void {
    this.#memory.expect(capability, answerBytes);
  }

  /** Odd while the child's thread gives memory back to the plugin. A hint. */
  get releases(): number {
    return Atomics.load(this.#words, W.releases);
  }

  /** Handles what has returned. Returns how many that were. */
  take(): number {
    const returned = this.#collect();
    for (const slot of returned) this.#slots.onReturned(slot, this.#words[slotAt(slot) + SLOT.sent]!);
    return returned.length;
  }

  /** Another message of the child has been read. */
  onMessage(): void {
    this.#slots.onMessage();
  }

  /** Wakes the child's thread if it sleeps. */
  wakeChild(): void {
    if (Atomics.exchange(this.#words, W.childSleeps, 0) === 1) wakeOne(this.memory.address + W.childSleeps * 4);
  }

  /** The same, whether or not the child says that its thread sleeps. */
  nudgeChild(): void {
    Atomics.store(this.#words, W.childSleeps, 0);
    wakeOne(this.memory.address + W.childSleeps * 4);
  }

  /** Whether the child shall ring. */
  setAsleep(isAsleep: boolean): void {
    Atomics.store(this.#words, W.hostSleeps, isAsleep ? 1 : 0);
  }

  /** The child has ended: handles what had returned before, and gives the memory back. */
  close(): void {
    this.take();
    this.#slots.answerDeferred();
    this.memory.release();
  }

  #enqueue(slot: number, ring: number): void {
    const tail = this.#tails[ring]!;
    this.#words[W.entries + ring * SLOTS + (tail & (SLOTS - 1))] = slot;
    this.#tails[ring] = (tail + 1) | 0;
    Atomics.store(this.#words, W.tail + ring, (tail + 1) | 0);
  }

  /** The slots whose bits are set, in the order in which they were filled. */
  #collect(): readonly number[] {
    const returned: number[] = [];
    const { bits: open } = this.#slots;
    for (let i = 0; i < L.DONE_WORDS; i++) {
      if (open[i] === 0 || Atomics.load(this.#words, W.done + i) === 0) continue;
      let bits = Atomics.exchange(this.#words, W.done + i, 0) & open[i]!;
      for (; bits !== 0; bits &= bits - 1) returned.push(i * 32 + 31 - Math.clz32(bits & -bits));
    }
    return this.#slots.close(returned);
  }

  #answer(slot: number, onReturn: OnReturn): () => void {
    const reply = this.#memory.reply(slot);
    const settle = onReturn(reply);
    clearUsed(reply.block, reply.length);
    return settle;
  }

  /** Native code that still reads its cancel word sees that the invocation has ended. */
  #recycle(slot: number): void {
    this.#memory.cancel(slot);
    this.#memory.giveBackArea(slot);
  }
}
