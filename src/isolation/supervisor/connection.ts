import type { HostMessage } from '../wire/messages.js';
import type { Backlog, Transport, TransportEvents } from '../wire/transport.js';

/** What a child's own messages cause. It decides how many of these there are, and must read them. */
const CAUSED: ReadonlySet<HostMessage['type']> = new Set(['callReply', 'credit']);

/** With more of that unsent, nothing more is read from the child. */
const MAX_UNREAD = 16 << 20;

export interface ConnectionEvents {
  /** Returns what is wrong with it, if something is. */
  readonly onMessage: (header: unknown, payload: Buffer) => string | undefined;
  /** `problem` follows "it sent". The connection is of no use any more. */
  readonly onViolation: (problem: string) => void;
  readonly onClose: () => void;
}

/** Messages to a child and from it. Neither memory nor an exception of the host's is what a child's bytes can cost. */
export class Connection {
  readonly #transport: Transport;
  #unread = 0;
  #holds = 0;
  #hasEnded = false;

  constructor(
    open: (events: TransportEvents) => Transport,
    private readonly events: ConnectionEvents,
  ) {
    this.#transport = open({
      onMessage: (header, payload) => this.#take(header, payload),
      onBroken: (problem) => this.#violation(problem),
      onClose: events.onClose,
    });
  }

  /** What is sent, and how far the child has read. */
  get backlog(): Backlog {
    return this.#transport.backlog;
  }

  /** Bytes that the child has caused and not read. */
  get unread(): number {
    return this.#unread;
  }

  /** `onSent` is called when the child has read it, but for what the system keeps for it. */
  send(message: HostMessage, payload?: string, onSent: () => void = () => undefined): void {
    if (this.#transport.isClosed) return;
    if (!CAUSED.has(message.type)) {
      this.#transport.send(message, payload, onSent);
      return;
    }
    const size = this.#transport.send(message, payload, () => {
      this.#unread -= size;
      this.#readOrWait();
      onSent();
    });
    this.#unread += size;
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

  close(): void {
    this.#transport.close();
  }

  #readOrWait(): void {
    const mustWait = (this.#unread > MAX_UNREAD || this.#holds > 0) && !this.#hasEnded;
    if (mustWait) this.#transport.pause();
    else this.#transport.resume();
  }

  /** Says whether to go on. */
  #take(header: unknown, payload: Buffer): boolean {
    const problem = this.events.onMessage(header, payload);
    if (problem === undefined) return true;
    this.#violation(problem);
    return false;
  }

  #violation(problem: string): void {
    this.events.onViolation(problem);
    this.#transport.close();
  }
}
