/** The memory that the main thread of a child shares with the thread that takes calls out of slots, in 32-bit words. */
export const HANDED = {
  /** The call that the thread hands over: its slot, and what the plugin returned. */
  slot: 0,
  status: 1,
  /** The limit on payloads, in bytes. */
  limit: 2,
  /** The rows of the capabilities follow. */
  words: 4,
} as const;

/** Where a capability is called. 64-bit values have the low half first. */
export const ROW = { invoke: 0, data: 2, words: 4 } as const;
