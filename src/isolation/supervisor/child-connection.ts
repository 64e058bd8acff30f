import type { Socket } from 'node:net';
import { messageOf } from '../../errors/index.js';
import { FrameError, FrameReader, encodeFrame, type Frame } from '../wire/frames.js';
import { Outbox } from '../wire/outbox.js';
import type { HostMessage } from '../wire/messages.js';

/** What a child's own messages cause. It decides how many of these there are, and must read them. */
const CAUSED: ReadonlySet<HostMessage['type']> = new Set(['callReply', 'credit']);

/** With more of that unsent, nothing more is read from the child. */
const MOST_UNREAD = 16 << 20;

export interface ConnectionEvents {
  /** Returns what is wrong with it, if something is. */
  readonly onFrame: (frame: Frame) => string | undefined;
  /** `problem` follows "it sent". The connection is of no use any more. */
  readonly onViolation: (problem: string) => void;
}

/** Frames to a child and from it. Neither memory nor an exception of the host's is what a child's bytes can cost. */
export class ChildConnection {
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  #unread = 0;
  #holds = 0;
  #hasEnded = false;

  constructor(
    private readonly socket: Socket,
    mostPayloadBytes: number,
    private readonly events: ConnectionEvents,
  ) {
    this.#outbox = new Outbox(socket);
    this.#reader = new FrameReader(mostPayloadBytes);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => undefined); // its end is what counts
  }

  /** What is sent, and how far the child has read. */
  get outbox(): Pick<Outbox, 'unsent' | 'portions' | 'hasRoom' | 'whenRoom'> {
    return this.#outbox;
  }

  /** Bytes that the child has caused and not read. */
  get unread(): number {
    return this.#unread;
  }

  /** `onSent` is called when the child has read it, but for what the system keeps for it. */
  send(message: HostMessage, payload?: string, onSent: () => void = () => undefined): void {
    if (this.socket.destroyed) return;
    const frame = encodeFrame(message, payload);
    if (!CAUSED.has(message.type)) {
      this.#outbox.put(frame, onSent);
      return;
    }
    this.#unread += frame.length;
    this.#outbox.put(frame, () => {
      this.#unread -= frame.length;
      this.#readOrWait();
      onSent();
    });
    this.#readOrWait();
  }

  /** Nothing more is read until what this returns is called. */
  holdReading(): () => void {
    this.#holds++;
    this.#readOrWait();
    return () => {
      this.#holds--;
      this.#readOrWait();
    };
  }

  /** The process has ended: what it said before is read whatever it has left unread. */
  hasEnded(): void {
    this.#hasEnded = true;
    this.#readOrWait();
  }

  #readOrWait(): void {
    const mustWait = (this.#unread > MOST_UNREAD || this.#holds > 0) && !this.#hasEnded;
    if (mustWait === this.socket.isPaused()) return;
    if (mustWait) this.socket.pause();
    else this.socket.resume();
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes, (frame) => this.#take(frame));
    } catch (error) {
      // Such as text that is longer than a string can be. Thrown on it would end the host.
      this.#violation(error instanceof FrameError ? error.message : `what the host cannot take: ${messageOf(error)}`);
    }
  }

  /** Says whether to go on. */
  #take(frame: Frame): boolean {
    const problem = this.events.onFrame(frame);
    if (problem === undefined) return true;
    this.#violation(problem);
    return false;
  }

  #violation(problem: string): void {
    this.events.onViolation(problem);
    this.socket.destroy();
  }
}
