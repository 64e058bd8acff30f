import type { CallChannel } from '../wire/call-channel.js';
import type { ChildMessage, HostMessage } from '../wire/messages.js';
import type { Backlog, Transport, TransportEvents } from '../wire/transport.js';

/** Messages that answer the child's own. The child decides how many of these there are, so it must read them. */
const ANSWERS: ReadonlySet<HostMessage['type']> = new Set(['callReply', 'credit']);

/** While more bytes of answers are unread, the host does not read from the child. */
const MAX_UNREAD = 16 << 20;

export interface ConnectionEvents {
  readonly onBytes: () => void;
  /** Returns what is wrong with the message, if anything. */
  readonly onMessage: (message: ChildMessage, payload: Buffer) => string | undefined;
  /** `problem` completes "it sent …". The connection is closed afterwards. */
  readonly onViolation: (problem: string) => void;
  /** The child rang so many times without a reason. Returns what is wrong, if anything. */
  readonly onUselessBell: (times: number) => string | undefined;
  /** A wake-up was lost, and what waited for it goes on now. */
  readonly onLostWakeUp: (problem: string) => void;
  readonly onClose: () => void;
}

/** Carries messages to and from a child. Limits the host's memory that a child can use, and never throws because of its bytes. */
export class Connection {
  readonly #transport: Transport;
  #unread = 0;
  #holds = 0;
  #readsToEnd = false;

  constructor(
    open: (events: TransportEvents) => Transport,
    private readonly events: ConnectionEvents,
  ) {
    this.#transport = open({
      onBytes: events.onBytes,
      onMessage: (message, payload) => this.#take(message, payload),
      onBroken: (problem) => this.#violation(problem),
      onUselessBell: (times) => {
        const problem = this.events.onUselessBell(times);
        if (problem !== undefined) this.#violation(problem);
      },
      onLostWakeUp: events.onLostWakeUp,
      onClose: events.onClose,
    });
  }

  /** How much of what was sent the child has not read. */
  get backlog(): Backlog {
    return this.#transport.backlog;
  }

  /** The faster way for invocations, if there is one. */
  get calls(): CallChannel | undefined {
    return this.#transport.calls;
  }

  /** The child cannot use it. */
  dropCalls(): void {
    this.#transport.dropCalls?.();
  }

  /** Bytes of answers that the child has not read. */
  get unread(): number {
    return this.#unread;
  }

  /** `onSent` is called when the child has read the message, except for what the operating system buffers. */
  send(message: HostMessage, payload?: string | Uint8Array, onSent: () => void = () => undefined): void {
    if (this.#transport.isClosed) return;
    if (!ANSWERS.has(message.type)) {
      this.#transport.send(message, payload, onSent);
      return;
    }
    const size = this.#transport.send(message, payload, () => {
      this.#unread -= size;
      this.#pauseOrResume();
      onSent();
    });
    this.#unread += size;
    this.#pauseOrResume();
  }

  /** Reads nothing more until the returned function is called. */
  holdReading(): () => void {
    this.#holds++;
    this.#pauseOrResume();
    return () => {
      this.#holds--;
      this.#pauseOrResume();
    };
  }

  /** Reads everything that is left, however much of the answers is unread: the process has exited. */
  readToEnd(): void {
    this.#readsToEnd = true;
    this.#pauseOrResume();
  }

  close(): void {
    this.#transport.close();
  }

  #pauseOrResume(): void {
    const mustPause = (this.#unread > MAX_UNREAD || this.#holds > 0) && !this.#readsToEnd;
    if (mustPause) this.#transport.pause();
    else this.#transport.resume();
  }

  /** Returns whether to go on reading. */
  #take(message: ChildMessage, payload: Buffer): boolean {
    const problem = this.events.onMessage(message, payload);
    if (problem === undefined) return true;
    this.#violation(problem);
    return false;
  }

  #violation(problem: string): void {
    this.events.onViolation(problem);
    this.#transport.close();
  }
}
