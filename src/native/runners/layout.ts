/**
 * The memory that the main thread shares with one runner, in 32-bit words: a ring of slots, each a native call, and the
 * words below. Words that both threads write are on cache lines of their own.
 */
export const W = {
  /** How many calls the main thread has published. */
  head: 0,
  /** How many slots the runner has passed. */
  done: 16,
  /** A `RunnerState`. */
  runner: 32,
  /** 1 while the main thread sleeps in its event loop and wants a message. */
  mainSleeps: 48,
  /** 1 once a stopped runner is at rest. */
  parked: 64,
  /** Never changes. */
  never: 65,
  /** 1 once the main thread has sent the program. */
  hasProgram: 66,
  /** What the runner waits for, if not 0: see `Hold`. */
  paused: 80,
  slots: 96,
} as const;

/** A power of two. */
export const SLOTS = 256;

/** The words of a slot. 64-bit values have the low half first. */
export const SLOT = { state: 0, prototype: 1, result: 2, at: 4, args: 6, reply: 12, words: 14 } as const;

const TOTAL_WORDS = W.slots + SLOTS * SLOT.words;

/** `asleep`: no code of koffi or a plugin runs on its thread. `stopped`: none may begin any more. */
export const RunnerState = { awake: 0, asleep: 1, stopped: 2 } as const;

/** Changed by compare-and-swap: a call that is not `queued` any more is begun or taken back, never both. */
export const SlotState = { queued: 1, running: 2, takenBack: 3 } as const;

/**
 * What a runner waits for before its next call. `other`: the main thread reads what a call left that is not of the ring. Any larger
 * number: the main thread releases the memory of the reply of the call in the slot before it (slot 0 is 1).
 */
export const Hold = { none: 0, other: -1 } as const;

/** The memory for a new runner, which begins at rest. */
export function newWords(): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(TOTAL_WORDS * 4);
  new Int32Array(shared)[W.runner] = RunnerState.asleep;
  return shared;
}
