import { Buffer } from 'node:buffer';
import { Format } from '../../../abi/constants.js';
import { ringDoorbell, wakeOne, type SharedMemory } from '../../../library/index.js';
import { residentBytesAt } from '../../../machine/resident-bytes.js';
import { CALL_FD } from '../../wire/messages.js';
import { SLOT, SLOTS, W, slotAt } from '../../wire/slot-layout.js';
import { ChildSlots } from './child-slots.js';
import { MEMORY_PROGRAM } from './memory-program.js';
import type { SlotLink } from './slot-link.js';

/** The slots are in memory that is shared with the host, which writes the calls there and reads the answers. */
export class MemoryLink implements SlotLink {
  readonly slots: ChildSlots;
  readonly program = MEMORY_PROGRAM;
  readonly data = { bell: CALL_FD };

  constructor(private readonly memory: SharedMemory) {
    this.slots = new ChildSlots(memory);
  }

  get sharedBytes(): number {
    return residentBytesAt(this.memory.address);
  }

  wake(): void {
    if (Atomics.exchange(this.slots.words, W.childSleeps, 0) === 1) wakeOne(this.memory.address + W.childSleeps * 4);
  }

  standIn(): void {
    // Calls come and answers go without it.
  }

  takeFrom(ring: number): number | undefined {
    const { words } = this.slots;
    for (;;) {
      const head = Atomics.load(words, W.head + ring);
      if (head === Atomics.load(words, W.tail + ring)) return undefined;
      const slot = words[W.entries + ring * SLOTS + (head & (SLOTS - 1))]! & (SLOTS - 1);
      if (Atomics.compareExchange(words, W.head + ring, head, (head + 1) | 0) === head) return slot;
    }
  }

  take(): undefined {
    // The host takes its calls back itself.
  }

  answer(slot: number, status: number, text: string): boolean {
    const at = slotAt(slot);
    const { words, unsigned } = this.slots;
    const capacity = unsigned[at + SLOT.outputBytes]!;
    // It is counted only where it may not fit. What is sent as a message instead, a host that waits on its thread does not read.
    if (text.length * 3 > capacity && Buffer.byteLength(text) > capacity) return false;
    words[at + SLOT.length] = Buffer.from(this.slots.view(unsigned[at + SLOT.output]!, capacity)).write(text);
    words[at + SLOT.status] = status;
    words[at + SLOT.format] = Format.JSON;
    words[at + SLOT.isOwned] = 0;
    this.#announce(slot);
    return true;
  }

  onTakenBack(slot: number): void {
    this.#announce(slot);
  }

  /** Sets the slot's bit, and rings if the host sleeps. */
  #announce(slot: number): void {
    const { words } = this.slots;
    words[slotAt(slot) + SLOT.sent] = Atomics.load(words, W.sent);
    Atomics.or(words, W.done + (slot >> 5), 1 << (slot & 31));
    if (Atomics.exchange(words, W.hostSleeps, 0) !== 0) ringDoorbell(CALL_FD);
  }
}
