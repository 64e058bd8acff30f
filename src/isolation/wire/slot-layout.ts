import { CAPABILITY_KINDS, type CapabilityKind } from '../../abi/constants.js';

/**
 * The memory that a host shares with a child for invocations. Words are 32 bits. The host puts an invocation into a slot and the
 * slot into a ring; a thread of the child takes it from there, calls the plugin, and sets the slot's bit in `done`.
 *
 * The host does not trust the child, which can write anything anywhere at any time. It keeps what it needs to know about a slot
 * in memory of its own, reads each word of the child once, and checks it against that.
 */
export const SLOTS = 64; // a power of two, and whole words of bits
export const DONE_WORDS = SLOTS / 32;

/** Rings of slots: INLINE capabilities do not wait for others. */
export const RINGS = 2;
export const Ring = { plain: 0, inline: 1 } as const;

/** Words. Those that different threads write are on cache lines of their own. */
export const W = {
  /** Per ring: how many slots the host has put in. */
  tail: 0,
  /** Per ring: how many slots the child has taken out. For the host a hint. */
  head: 16,
  /** 1 while the child's thread sleeps, waiting for this word to change. */
  childSleeps: 32,
  /** 1 while the host sleeps in its event loop and wants the doorbell. */
  hostSleeps: 48,
  /** How many messages the child has sent. */
  sent: 64,
  /** Odd while the child's thread gives memory back to the plugin. */
  releases: 72,
  /** One bit per slot: it has returned. */
  done: 80,
  /** Per ring: `SLOTS` numbers of slots. */
  entries: 96,
  /** Request and reply of the call that the child's thread makes. The host does not use it. */
  frame: 96 + RINGS * SLOTS,
  slots: 96 + RINGS * SLOTS + 128,
} as const;

/** Words of a slot. */
export const SLOT = {
  // Written by the host.
  id: 0, // two words
  capability: 2,
  /** See `methodNumber`. */
  method: 3,
  flags: 4,
  chainLength: 5,
  input: 6, // an offset in the memory, as is `output`
  inputBytes: 7,
  output: 8,
  outputBytes: 9,
  epoch: 10,
  /** Differs from `epoch` once the invocation is cancelled or has ended (rule 17). */
  cancel: 11,
  /** 0 while the host takes no more chunks (rule 18). */
  room: 12,
  /** Of the context, which is in the area of the input: after it and a NUL. 0: there is none. */
  contextBytes: 13,
  // Written by both.
  state: 16,
  // Written by the child.
  status: 17,
  format: 18,
  length: 19,
  /** `W.sent` when it returned. The host reads these messages first. */
  sent: 20,
  /** 1 if the answer was in memory of the plugin's own, which it gets back now. */
  isOwned: 21,
  words: 32,
} as const;

/**
 * Changed by compare-and-swap. `takenBack`: it never begins. `adopted`: the child's main thread answers it by a message.
 */
export const SlotState = { queued: 1, running: 2, returned: 3, takenBack: 4, adopted: 5 } as const;

export const SlotFlag = { chunks: 1, drain: 2 } as const;

/** No kind has more methods. */
export const MAX_METHODS = 8;
/** `index` is that of the method in those of its kind. */
export const methodNumber = (kind: CapabilityKind, index: number): number => CAPABILITY_KINDS.indexOf(kind) * MAX_METHODS + index;

/** Capabilities with higher numbers are invoked by messages. */
export const MAX_CAPABILITIES = 1024;

/** The small area of each slot: input and context, then output. */
export const WORDS_BYTES = 64 << 10;
export const AREA_BYTES = 64 << 10;
export const inputAreaOf = (slot: number): number => WORDS_BYTES + slot * 2 * AREA_BYTES;
export const outputAreaOf = (slot: number): number => inputAreaOf(slot) + AREA_BYTES;
export const SMALL_BYTES = WORDS_BYTES + SLOTS * 2 * AREA_BYTES;

/** Areas for large inputs and answers, lent to slots. A text has room for three bytes per UTF-16 unit. */
export const LARGE_AREAS = 16;
export const LARGE_OUTPUT_BYTES = 16 << 20;
export const LARGE_INPUT_BYTES = 3 * LARGE_OUTPUT_BYTES;
const LARGE_BYTES = LARGE_INPUT_BYTES + LARGE_OUTPUT_BYTES;
export const largeInputOf = (area: number): number => SMALL_BYTES + area * LARGE_BYTES;
export const largeOutputOf = (area: number): number => largeInputOf(area) + LARGE_INPUT_BYTES;

export const MEMORY_BYTES = SMALL_BYTES + LARGE_AREAS * LARGE_BYTES;

export const slotAt = (slot: number): number => W.slots + slot * SLOT.words;
