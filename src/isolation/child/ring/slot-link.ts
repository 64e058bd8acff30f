import type { ChildSlots } from './child-slots.js';

/** How calls get into the slots of a child, and how their answers get out, as its main thread takes part in it. */
export interface SlotLink {
  readonly slots: ChildSlots;
  /** What follows CALLS_PROGRAM in the thread that takes the calls, and the data that it needs. */
  readonly program: string;
  readonly data: object;
  /** How much of the memory must not be put down to the plugin, in bytes. */
  readonly sharedBytes: number;
  /** Wakes the thread if it sleeps. */
  wake(): void;
  /** The thread may be in a call that blocks: does what it would do between two calls. */
  standIn(): void;
  /** Takes the next slot out of a ring. The thread takes some too. */
  takeFrom(ring: number): number | undefined;
  /** Takes the call of this invocation out of its ring. Returns its slot if it has not begun, as far as is known. */
  take(id: number): number | undefined;
  /** Puts an answer into the slot, and the host gets it. Returns false if it must be sent as a message. */
  answer(slot: number, status: number, text: string): boolean;
  /** The call in this slot was taken back. */
  onTakenBack(slot: number): void;
}
