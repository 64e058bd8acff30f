import { AREA_BYTES, MAX_CAPABILITIES, SLOT, SLOTS, SMALL_BYTES, W } from '../slot-layout.js';

/*
 * Where no memory is shared, invocations go to the same slots, but those are memory of the child alone: the host sends the bytes
 * through a socket that has no other use, and a thread of the child puts them there, calls the plugin, and sends the answer.
 *
 * Each frame is a header of 32-bit words, in the byte order of the machine, and bytes, filled up to whole words: the input, and after
 * a NUL the context, or the answer.
 */

/** The header of a call has the first words of a slot. Other words are in the place of offsets, which only the child knows. */
export const CALL = { slot: SLOT.input, contextBytes: SLOT.output } as const;
export const CALL_WORDS = CALL.contextBytes + 1;
export const CALL_HEADER_BYTES = CALL_WORDS * 4;
/** In the flags of a call, beside those of `SlotFlag`. */
export const INLINE_FLAG = 0x100;

/** The header of an answer. */
export const ANSWER = {
  /** The low half is the number of the slot, the high half an `AnswerKind`. */
  slot: 0,
  status: 1,
  format: 2,
  /** What the plugin said. If that is more than its room, no bytes follow. */
  length: 3,
  /** How many messages the child had sent. The host reads these first. */
  sent: 4,
  words: 5,
} as const;
export const ANSWER_HEADER_BYTES = ANSWER.words * 4;

/**
 * `owned`: the answer was in memory of the plugin's own, which it gets back now. `released` follows once it has got it back; its
 * slot is 0 and it has no bytes.
 */
export const AnswerKind = { lent: 0, owned: 1, released: 2 } as const;

export const paddedTo4 = (bytes: number): number => (bytes + 3) & ~3;

/** A NUL follows the input, and the context. A UTF-16 unit takes up to three bytes. */
const MAX_UNITS = Math.floor((AREA_BYTES - 2) / 3);

/** `length` is that of input and context together. */
export const fitsSlot = (capability: number, length: number): boolean => capability < MAX_CAPABILITIES && length <= MAX_UNITS;

/** How many bytes follow the header of a call. */
export const callBytes = (inputBytes: number, contextBytes: number): number => inputBytes + (contextBytes === 0 ? 0 : 1 + contextBytes);

/** How many bytes follow the header of an answer of this length. */
export const answerBytes = (length: number): number => (length <= AREA_BYTES ? length : 0);

/** What the threads of the child share about the socket, in words behind those of the slots. */
const FIRST = W.slots + SLOTS * SLOT.words;
export const S = {
  /** 1 while a thread reads the socket, or changes a ring. */
  lock: FIRST,
  /** The bytes between these two have arrived, and are not in slots yet. */
  begin: FIRST + 1,
  end: FIRST + 2,
  /** 1 while a thread sends answers. */
  sendLock: FIRST + 16,
  /** The bytes between these two are answers that have not been sent. */
  sentBytes: FIRST + 17,
  readyBytes: FIRST + 18,
} as const;

/** What has arrived, and what is to be sent. Each has room for more than the largest frame. */
export const IN_AT = SMALL_BYTES;
export const IN_BYTES = 256 << 10;
export const OUT_AT = IN_AT + IN_BYTES;
export const OUT_BYTES = 256 << 10;

export const PRIVATE_BYTES = OUT_AT + OUT_BYTES;
