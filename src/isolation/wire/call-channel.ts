import type { Block } from '../../library/index.js';
import type { PluginTransport } from '../../report/plugin-report.js';

/** An invocation, as a channel sends it. */
export interface ChannelCall {
  readonly id: number;
  /** In the order of registration. */
  readonly capability: number;
  /** See `methodNumber`. */
  readonly method: number;
  readonly isInline: boolean;
  readonly chunks: boolean;
  readonly drain: boolean;
  readonly chainLength: number;
  readonly input: string;
  /** JSON text. */
  readonly context?: string | undefined;
}

/** What a call left: not checked. If memory is shared, the child can change `block` at any time. */
export interface ChannelReply {
  readonly status: number;
  readonly format: number;
  readonly length: number;
  /** Valid until the function that gets the reply returns. */
  readonly block: Block;
  readonly capacity: number;
  /** It was in memory of the plugin's own, which it gets back now. */
  readonly isOwned: boolean;
}

/** Takes what it needs out of the reply. Returns what to do once the slot is free. Must not throw. */
export type OnReturn = (reply: ChannelReply) => () => void;

export interface ChannelEvents {
  /** The thread of the child is busy with something else, and what waits in this ring should not wait for it. */
  readonly onStall: (ring: number) => void;
  /** The child rang so many times, and nothing had returned. */
  readonly onUselessBell: (times: number) => void;
  /** A wake-up was lost, and what waited for it goes on now. */
  readonly onLostWakeUp: (problem: string) => void;
  /** Invalid data arrived. `problem` completes "it sent …". */
  readonly onBroken: (problem: string) => void;
  /** The channel has closed. */
  readonly onClose: () => void;
}

/**
 * Carries invocations to a thread of the child that calls the plugin and answers itself, beside the messages. Each invocation has
 * a slot until it is over. What is rare, or does not fit, goes by messages.
 */
export interface CallChannel {
  readonly transport: PluginTransport;
  /** Whether a plugin is thread-safe, so that other threads can run what waits behind a call that blocks. */
  isThreadSafe: boolean;
  /** Whether there is room for such a call, now or later. `length` is that of input and context together. */
  fits(capability: number, length: number): boolean;
  /** Sends a call that fits. Returns its slot, or `undefined` if there is no room now. */
  publish(call: ChannelCall, onReturn: OnReturn): number | undefined;
  /**
   * Sends a call that fits, and waits on this thread until it is answered, for `ms` at most. Returns false if there is no room
   * now. Only where memory is shared.
   */
  publishAndWait?(call: ChannelCall, onReturn: OnReturn, ms: number, onPublished: (slot: number) => void): boolean;
  /** Takes back what has not begun. Returns false if it has, or if only the child can know. */
  takeBack(slot: number): boolean;
  /** Shows the plugin that the call is cancelled, if that is possible, and calls `tellChild` once the call has been sent. */
  cancel(slot: number, tellChild: () => void): void;
  /** The call has returned, and its answer comes by a message. */
  leave(slot: number): void;
  /** Its invocation is over, as a message said. */
  free(slot: number): void;
  /** An answer of this capability was too large for the room that it got. */
  expect(capability: number, answerBytes: number): void;
  /** Returns a function that tells whether one and the same release runs ever since; `undefined` if none runs. */
  watchRelease(): (() => boolean) | undefined;
  /** A message of the child has been handled. */
  onMessage(): void;
  /** The child has ended, or cannot use the channel. What has returned is answered. */
  close(): void;
}
