import type { CallChannel } from './call-channel.js';
import type { ChildMessage, HostMessage } from './messages.js';

/** How far the other side has read what was sent. */
export interface Backlog {
  /** Bytes that wait because the other side reads too slowly. */
  readonly unsent: number;
  /** Grows while the other side reads. */
  readonly portions: number;
  readonly hasRoom: boolean;
  /** Calls `onRoom` once when there is room again, even if the same function was passed several times. */
  whenRoom(onRoom: () => void): void;
}

/** The events of the host's end of a transport. */
export interface TransportEvents {
  /** Bytes arrived, perhaps a part of a message. */
  onBytes?(): void;
  /** A valid message arrived. `payload` is valid until this returns. Returns whether to go on reading. */
  onMessage(message: ChildMessage, payload: Buffer): boolean;
  /** Invalid data arrived. `problem` completes "it sent …". The transport cannot be used any more. */
  onBroken(problem: string): void;
  /** The child rang so many times without a reason. */
  onUselessBell?(times: number): void;
  /** A wake-up was lost, and what waited for it goes on now. */
  onLostWakeUp?(problem: string): void;
  /** The transport has closed; nothing more arrives. */
  onClose(): void;
}

/** The host's end of what carries messages between host and child in both directions, in order. One implementation is socket-transport.ts. */
export interface Transport {
  readonly backlog: Backlog;
  readonly isClosed: boolean;
  /** The faster way for invocations, if there is one. */
  readonly calls?: CallChannel | undefined;
  /** The child cannot use it. */
  dropCalls?(): void;
  /** Returns the size in bytes. `onSent` is called when the other side has read it, except for what the operating system buffers. */
  send(message: HostMessage, payload?: string | Uint8Array, onSent?: () => void): number;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}
