import { receiveNow, sendNow, yieldNow, type SharedMemory, type Wakener } from '../../../library/index.js';
import { CALL, CALL_HEADER_BYTES, CALL_WORDS, INLINE_FLAG, IN_AT, IN_BYTES, OUT_AT, S, callBytes, paddedTo4 } from '../../wire/call-socket/layout.js';
import { CALL_FD } from '../../wire/messages.js';
import { AREA_BYTES, RINGS, Ring, SLOT, SLOTS, SlotState, W, inputAreaOf, outputAreaOf, slotAt } from '../../wire/slot-layout.js';
import { ChildSlots } from './child-slots.js';
import type { SlotLink } from './slot-link.js';
import { SOCKET_PROGRAM } from './socket-program.js';

/**
 * The slots are memory of this process alone. The thread reads calls from a socket and sends the answers there. The main thread
 * does that in its place while it is in a call that blocks; what it answers itself it sends as messages.
 */
export class SocketLink implements SlotLink {
  readonly slots: ChildSlots;
  readonly program = SOCKET_PROGRAM;
  readonly data: object;
  /** All of the memory. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(
    private readonly memory: SharedMemory,
    private readonly wakener: Wakener,
  ) {
    this.slots = new ChildSlots(memory);
    this.data = { socket: CALL_FD, wakener: wakener.fd };
    const all = memory.view(0, memory.size);
    this.#words = new Int32Array(all);
    this.#bytes = new Uint8Array(all);
  }

  get sharedBytes(): number {
    return this.memory.size;
  }

  wake(): void {
    if (Atomics.exchange(this.#words, W.childSleeps, 0) === 1) this.wakener.wake();
  }

  standIn(): void {
    this.#locked(() => {
      while (this.#receive());
    });
    this.wake(); // what was read may be for the thread
    this.#send();
  }

  takeFrom(ring: number): number | undefined {
    return this.#locked(() => {
      const words = this.#words;
      const head = words[W.head + ring]!;
      if (head === words[W.tail + ring]) return undefined;
      Atomics.store(words, W.head + ring, (head + 1) | 0);
      return this.#entry(ring, head);
    });
  }

  take(id: number): number | undefined {
    this.standIn();
    return this.#locked(() => {
      for (let ring = 0; ring < RINGS; ring++) {
        const slot = this.#takeOut(ring, id);
        if (slot !== undefined) return slot;
      }
      return this.#findTaken(id);
    });
  }

  answer(): boolean {
    return false;
  }

  onTakenBack(): void {
    // The host cannot do that.
  }

  /** Moves those before it up. */
  #takeOut(ring: number, id: number): number | undefined {
    const words = this.#words;
    const head = words[W.head + ring]!;
    for (let at = words[W.tail + ring]!; at !== head; ) {
      at = (at - 1) | 0;
      const slot = this.#entry(ring, at);
      if (this.slots.idIn(slot) !== id) continue;
      for (; at !== head; at = (at - 1) | 0) words[entryAt(ring, at)] = words[entryAt(ring, at - 1)]!;
      Atomics.store(words, W.head + ring, (head + 1) | 0);
      return slot;
    }
    return undefined;
  }

  /** The thread has taken it out just now, and has not begun it. */
  #findTaken(id: number): number | undefined {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.slots.idIn(slot) === id && this.#words[slotAt(slot) + SLOT.state] === SlotState.queued) return slot;
    }
    return undefined;
  }

  #entry(ring: number, at: number): number {
    return this.#words[entryAt(ring, at)]!;
  }

  /** Reads what has arrived. Returns whether that was anything. */
  #receive(): boolean {
    const words = this.#words;
    const begin = words[S.begin]!;
    const kept = words[S.end]! - begin;
    this.#bytes.copyWithin(IN_AT, IN_AT + begin, IN_AT + begin + kept);
    const length = receiveNow(CALL_FD, this.memory.address + IN_AT + kept, IN_BYTES - kept);
    words[S.begin] = 0;
    words[S.end] = kept + Math.max(0, length);
    if (length <= 0) return false; // the thread notices if that is the end
    this.#acceptAll();
    return true;
  }

  #acceptAll(): void {
    const words = this.#words;
    const end = words[S.end]!;
    for (let begin = words[S.begin]!; end - begin >= CALL_HEADER_BYTES; words[S.begin] = begin) {
      const frame = (IN_AT + begin) >> 2;
      const length = callBytes(words[frame + SLOT.inputBytes]!, words[frame + CALL.contextBytes]!);
      begin += CALL_HEADER_BYTES + paddedTo4(length);
      if (length < 0 || length >= AREA_BYTES || begin > end) return;
      this.#accept(frame, length);
    }
  }

  /** Puts the call at this word into its slot, and the slot into a ring. */
  #accept(frame: number, length: number): void {
    const words = this.#words;
    const slot = words[frame + CALL.slot]! & (SLOTS - 1);
    const at = slotAt(slot);
    const input = inputAreaOf(slot);
    const text = frame * 4 + CALL_HEADER_BYTES;
    words.copyWithin(at, frame, frame + CALL_WORDS);
    this.#bytes.copyWithin(input, text, text + length);
    this.#bytes[input + words[frame + SLOT.inputBytes]!] = this.#bytes[input + length] = 0;
    words[at + SLOT.contextBytes] = words[frame + CALL.contextBytes]!;
    words[at + SLOT.input] = input;
    words[at + SLOT.output] = outputAreaOf(slot);
    words[at + SLOT.outputBytes] = AREA_BYTES;
    const epoch = (words[at + SLOT.epoch]! + 2) | 0;
    words[at + SLOT.epoch] = epoch;
    words[at + SLOT.room] = 1;
    Atomics.store(words, at + SLOT.cancel, epoch);
    Atomics.store(words, at + SLOT.state, SlotState.queued);
    const ring = (words[at + SLOT.flags]! & INLINE_FLAG) === 0 ? Ring.plain : Ring.inline;
    const tail = words[W.tail + ring]!;
    words[entryAt(ring, tail)] = slot;
    Atomics.store(words, W.tail + ring, (tail + 1) | 0);
  }

  /** Sends answers that the thread has ready, unless it sends them itself now. */
  #send(): void {
    const words = this.#words;
    if (Atomics.compareExchange(words, S.sendLock, 0, 1) !== 0) return;
    const sent = words[S.sentBytes]!;
    const ready = Atomics.load(words, S.readyBytes);
    if (ready > sent) words[S.sentBytes] = sent + Math.max(0, sendNow(CALL_FD, this.memory.address + OUT_AT + sent, ready - sent));
    Atomics.store(words, S.sendLock, 0);
  }

  /** Runs it while the thread neither reads nor changes a ring, which takes it microseconds. */
  #locked<T>(run: () => T): T {
    const words = this.#words;
    while (Atomics.compareExchange(words, S.lock, 0, 1) !== 0) yieldNow();
    const result = run();
    Atomics.store(words, S.lock, 0);
    return result;
  }
}

const entryAt = (ring: number, at: number): number => W.entries + ring * SLOTS + (at & (SLOTS - 1));
