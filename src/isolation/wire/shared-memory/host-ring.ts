import { TextEncoder } from 'node:util';
import { Block, clearUsed, wakeOne, type SharedMemory } from '../../../library/index.js';
import { LargeAreas, type LargeArea } from './large-areas.js';
import * as L from './layout.js';
import { AREA_BYTES, SLOT, SLOTS, SlotState, W, slotAt } from './layout.js';

/** An invocation, as it is put into the memory. */
export interface RingCall {
  readonly id: number;
  /** In the order of registration. */
  readonly capability: number;
  /** Of the methods of its kind. */
  readonly method: number;
  readonly isInline: boolean;
  readonly chunks: boolean;
  readonly drain: boolean;
  readonly chainLength: number;
  readonly input: string;
}

/** What a call left in the memory: not checked, and the child can change `block` at any time. */
export interface RingReply {
  readonly status: number;
  readonly format: number;
  readonly length: number;
  readonly block: Block;
  readonly capacity: number;
  /** It was in memory of the plugin's own, which it gets back now. */
  readonly isOwned: boolean;
}

/** Takes what it needs out of the memory. Returns what to do once the slot is free. Must not throw. */
export type OnReturn = (reply: RingReply) => () => void;

interface Held {
  readonly onReturn: OnReturn;
  readonly area: LargeArea | undefined;
  readonly sequence: number;
  readonly block: Block;
  readonly capacity: number;
}

/** A NUL follows the input. */
const TERMINATOR = 1;
const encoder = new TextEncoder();

/**
 * The host's end of the shared memory: puts invocations into slots, and takes out what returned. Nothing that the child writes is
 * used as an index or a size before it is checked. Tails, offsets and sizes are kept here, and never read back.
 */
export class HostRing {
  readonly #words: Int32Array;
  /** The small areas of the slots that have been used. */
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Block[] = [];
  readonly #large: LargeAreas;
  readonly #held: (Held | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #free = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  /** One bit for each slot that is in a ring. */
  readonly #open = new Int32Array(L.DONE_WORDS);
  readonly #epochs = new Uint32Array(SLOTS);
  readonly #tails = [0, 0];
  #inFlight = 0;
  #sequence = 0;
  /** Messages that have been read. */
  #received = 0;
  /** Slots that returned after a message that has not been read yet. */
  #deferred: number[] = [];
  /** Per capability, the size of its last large answer. */
  readonly #answerBytes = new Map<number, number>();

  constructor(private readonly memory: SharedMemory) {
    this.#words = new Int32Array(memory.view(0, L.WORDS_BYTES));
    this.#large = new LargeAreas(memory);
  }

  /** How many invocations are in a ring. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether the child's thread sleeps. A hint: the child can say anything. */
  get isChildAsleep(): boolean {
    return Atomics.load(this.#words, W.childSleeps) === 1;
  }

  /** Whether slots of this ring wait. A hint. */
  isWaiting(ring: number): boolean {
    return Atomics.load(this.#words, W.head + ring) !== this.#tails[ring];
  }

  /** Puts a call into a ring. Returns its slot; 'full' if there is no room now, and 'unfit' if there never is. */
  publish(call: RingCall, onReturn: OnReturn): number | 'full' | 'unfit' {
    const { input, capability } = call;
    const answerBytes = this.#answerBytes.get(capability) ?? 0;
    const isLarge = input.length * 3 + TERMINATOR > AREA_BYTES || answerBytes > AREA_BYTES;
    if (input.length * 3 + TERMINATOR > L.LARGE_INPUT_BYTES || capability >= L.MAX_CAPABILITIES) return 'unfit';
    if (this.#free.length === 0) return 'full';
    const area = isLarge ? this.#large.take() : undefined;
    if (isLarge && area === undefined) return 'full';
    const slot = this.#free.pop()!;
    this.#fill(slot, call, area, answerBytes, onReturn);
    this.#enqueue(slot, call.isInline ? L.Ring.inline : L.Ring.plain);
    return slot;
  }

  /** Takes back what has not begun. Returns false if it has, or nobody knows. */
  takeBack(slot: number): boolean {
    const at = slotAt(slot) + SLOT.state;
    if (Atomics.compareExchange(this.#words, at, SlotState.queued, SlotState.takenBack) !== SlotState.queued) return false;
    this.#giveBackArea(slot);
    this.#held[slot] = undefined; // the slot is free once the child has passed it
    return true;
  }

  cancel(slot: number): void {
    Atomics.store(this.#words, slotAt(slot) + SLOT.cancel, this.#epochs[slot]! + 1);
  }

  /** The call of this slot has returned, and its answer comes by a message. Its words stay in use until `free`. */
  leave(slot: number): void {
    this.#close(slot);
    this.#giveBackArea(slot);
  }

  /** Its invocation is over, as a message said. */
  free(slot: number): void {
    this.#close(slot);
    this.#recycle(slot);
  }

  /** An answer was too large for the room that it got. The next call of this capability gets more. */
  expect(capability: number, answerBytes: number): void {
    if (answerBytes > AREA_BYTES && answerBytes <= L.LARGE_OUTPUT_BYTES) this.#answerBytes.set(capability, answerBytes);
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

  #fill(slot: number, call: RingCall, area: LargeArea | undefined, answerBytes: number, onReturn: OnReturn): void {
    const words = this.#words;
    const at = slotAt(slot);
    const { id, input, capability, method, chainLength } = call;
    const written = this.#writeInput(slot, input, area);
    const capacity = area === undefined ? AREA_BYTES : capacityFor(Math.max(written, answerBytes));
    const block = area?.output.view(capacity) ?? this.#outputOf(slot);
    area?.output.touch(capacity);
    words[at + SLOT.id] = id;
    words[at + SLOT.id + 1] = id / 0x1_0000_0000;
    words[at + SLOT.capability] = capability;
    words[at + SLOT.method] = method;
    words[at + SLOT.flags] = (call.chunks ? L.SlotFlag.chunks : 0) | (call.drain ? L.SlotFlag.drain : 0);
    words[at + SLOT.chainLength] = chainLength;
    words[at + SLOT.input] = area?.input.offset ?? L.inputAreaOf(slot);
    words[at + SLOT.inputBytes] = written;
    words[at + SLOT.output] = area?.output.offset ?? L.outputAreaOf(slot);
    words[at + SLOT.outputBytes] = capacity;
    const epoch = (this.#epochs[slot] = this.#epochs[slot]! + 1);
    words[at + SLOT.epoch] = epoch;
    words[at + SLOT.room] = 1;
    Atomics.store(words, at + SLOT.cancel, epoch);
    Atomics.store(words, at + SLOT.state, SlotState.queued);
    this.#held[slot] = { onReturn, area, block, capacity, sequence: ++this.#sequence };
  }

  /** Returns the length in bytes. */
  #writeInput(slot: number, input: string, area: LargeArea | undefined): number {
    const room = area?.input.view(input.length * 3 + TERMINATOR).bytes ?? this.#inputOf(slot);
    const { written } = encoder.encodeInto(input, room);
    room[written] = 0;
    area?.input.touch(written);
    return written;
  }

  #inputOf(slot: number): Uint8Array {
    return (this.#inputs[slot] ??= new Uint8Array(this.memory.view(L.inputAreaOf(slot), AREA_BYTES)));
  }

  #outputOf(slot: number): Block {
    return (this.#outputs[slot] ??= new Block(AREA_BYTES, this.memory.view(L.outputAreaOf(slot), AREA_BYTES)));
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
    const { sequence } = this;
    return returned.length > 1 ? returned.sort((a, b) => sequence(a) - sequence(b)) : returned;
  }

  private readonly sequence = (slot: number): number => this.#held[slot]?.sequence ?? 0;

  /** Answers it, unless a message that the child sent before is still to be read. */
  #onReturned(slot: number): void {
    const sent = this.#words[slotAt(slot) + SLOT.sent]!;
    if (((sent - this.#received) | 0) > 0) this.#deferred.push(slot);
    else this.#answer(slot);
  }

  #answer(slot: number): void {
    const held = this.#held[slot];
    if (held === undefined) {
      this.#recycle(slot); // it was taken back
      return;
    }
    const { block, capacity, onReturn } = held;
    const words = this.#words;
    const at = slotAt(slot);
    const length = words[at + SLOT.length]! >>> 0;
    const settle = onReturn({ status: words[at + SLOT.status]!, format: words[at + SLOT.format]! >>> 0, length, block, capacity, isOwned: words[at + SLOT.isOwned] === 1 });
    clearUsed(block, length);
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

  /** The slot can be used again. Whoever still looks at its words sees that the invocation has ended. */
  #recycle(slot: number): void {
    this.cancel(slot);
    this.#giveBackArea(slot);
    this.#held[slot] = undefined;
    this.#free.push(slot);
  }

  #giveBackArea(slot: number): void {
    const held = this.#held[slot];
    if (held?.area === undefined) return;
    this.#large.giveBack(held.area);
    this.#held[slot] = { ...held, area: undefined };
  }
}

/** Room for an answer about as large as the input, or as the last one. */
const capacityFor = (bytes: number): number => Math.max(AREA_BYTES, Math.min(L.LARGE_OUTPUT_BYTES, 2 ** (Math.floor(Math.log2(bytes)) + 2)));
