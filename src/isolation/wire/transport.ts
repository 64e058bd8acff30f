/** How far the other side has taken what was sent. */
export interface Backlog {
  /** Bytes that the other side has left no room for yet. */
  readonly unsent: number;
  /** Grows while the other side reads. */
  readonly portions: number;
  readonly hasRoom: boolean;
  /** Calls `onRoom` once when there is room again. The same function is called once, however often it was given. */
  whenRoom(onRoom: () => void): void;
}

/** What a transport tells its user. */
export interface TransportEvents {
  /** A message as JSON gave it: anything. `payload` is valid until this returns. Says whether to go on reading. */
  onMessage(header: unknown, payload: Buffer): boolean;
  /** What came is no message; `problem` follows "sent". The transport is of no use any more. */
  onBroken(problem: string): void;
  /** Nothing comes any more. */
  onClose(): void;
}

/** Carries messages between a host and a child, in order, both ways. A socket is one; see socket-transport.ts. */
export interface Transport {
  readonly backlog: Backlog;
  readonly isClosed: boolean;
  /** `onSent` is called when the other side has taken it, but for what the system keeps for it. Returns its size in bytes. */
  send(header: object, payload?: string | Uint8Array, onSent?: () => void): number;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}
