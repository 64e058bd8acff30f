import type { OnReturn } from './call-channel.js';
import { DONE_WORDS, SLOTS } from './slot-layout.js';

interface Held {
  readonly onReturn: OnReturn;
  readonly sequence: number;
  /** The host waits for it and reads no messages meanwhile. */
  readonly isSync: boolean;
}

interface Deferred {
  readonly slot: number;
  readonly sent: number;
}

/** What a channel does with its slots. */
interface SlotOwner {
  /** Passes the answer in the slot to `onReturn`. */
  answer(slot: number, onReturn: OnReturn): () => void;
  /** Its answer must wait for a message that is still to be read. */
  keep?(slot: number): void;
  /** The slot can be used again. */
  recycle(slot: number): void;
}

/** The slots of one child, as the host counts them: which are in use, which may still return, and what is waiting for them. */
export class OpenSlots {
  /** One bit for each slot that may return. */
  readonly bits = new Int32Array(DONE_WORDS);
  readonly #held: (Held | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #free = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  #inFlight = 0;
  #sequence = 0;
  /** Messages that have been read. */
  #received = 0;
  /** Slots that returned after a message that has not been read yet. */
  #deferred: Deferred[] = [];

  constructor(private readonly owner: SlotOwner) {}

  /** How many slots may return. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** A slot that is not in use. It must be opened or given back. */
  take(): number | undefined {
    return this.#free.pop();
  }

  giveBack(slot: number): void {
    this.#free.push(slot);
  }

  /** It has a call now, and may return. */
  open(slot: number, onReturn: OnReturn, isSync: boolean): void {
    this.#held[slot] = { onReturn, sequence: ++this.#sequence, isSync };
    this.bits[slot >> 5]! |= 1 << (slot & 31);
    this.#inFlight++;
  }

  isOpen(slot: number): boolean {
    return (this.bits[slot >> 5]! & (1 << (slot & 31))) !== 0;
  }

  /** Its call was taken back. The slot is free once the child has passed it. */
  forget(slot: number): void {
    this.#held[slot] = undefined;
  }

  /** Its answer comes by a message. Returns false if nobody waits for one. */
  leave(slot: number): boolean {
    if (this.#held[slot] === undefined) return false;
    this.#close(slot);
    return true;
  }

  /** Its invocation is over, as a message said. */
  free(slot: number): void {
    if (!this.leave(slot)) return;
    if (this.#deferred.length > 0) this.#deferred = this.#deferred.filter((deferred) => deferred.slot !== slot);
    this.#recycle(slot);
  }

  /** These slots have returned. Puts them in the order in which they were opened. */
  close(slots: number[]): readonly number[] {
    for (const slot of slots) this.#close(slot);
    return slots.length > 1 ? slots.sort((a, b) => this.#sequenceOf(a) - this.#sequenceOf(b)) : slots;
  }

  /** Answers a slot that was closed, unless a message that the child sent before is still to be read: it had sent `sent`. */
  onReturned(slot: number, sent: number): void {
    if (this.#held[slot]?.isSync === true || this.#hasRead(sent)) {
      this.#answer(slot);
      return;
    }
    this.owner.keep?.(slot);
    this.#deferred.push({ slot, sent });
  }

  /** Another message of the child has been read. */
  onMessage(): void {
    this.#received = (this.#received + 1) | 0;
    for (let next = this.#nextReady(); next >= 0; next = this.#nextReady()) this.#answer(this.#deferred.splice(next, 1)[0]!.slot);
  }

  /** No more messages come. */
  answerDeferred(): void {
    for (const { slot } of this.#deferred.splice(0)) this.#answer(slot);
  }

  #answer(slot: number): void {
    const held = this.#held[slot];
    const settle = held && this.owner.answer(slot, held.onReturn); // otherwise it was taken back
    this.#recycle(slot);
    settle?.();
  }

  readonly #nextReady = (): number => this.#deferred.findIndex(({ sent }) => this.#hasRead(sent));

  /** Whether the first `sent` messages of the child have been read. */
  #hasRead(sent: number): boolean {
    return ((sent - this.#received) | 0) <= 0;
  }

  readonly #sequenceOf = (slot: number): number => this.#held[slot]?.sequence ?? 0;

  #close(slot: number): void {
    if (!this.isOpen(slot)) return;
    this.bits[slot >> 5]! &= ~(1 << (slot & 31));
    this.#inFlight--;
  }

  #recycle(slot: number): void {
    this.owner.recycle(slot);
    this.#held[slot] = undefined;
    this.#free.push(slot);
  }
}
