import { Buffer } from 'node:buffer';
import type { Backend, Chunk, InvokeOptions } from '../../invocation/backend.js';
import type { CapabilityKind } from '../../abi/constants.js';
import { Status, type StatusName } from '../../abi/status.js';
import { InvocationError, messageOf } from '../../errors/index.js';
import { parseContext } from '../../invocation/context.js';
import { failed } from '../../invocation/errors.js';
import { RemoteOrigin } from '../../invocation/remote-origin.js';
import { FlowControlWindow } from '../wire/flow-control-window.js';
import { recordOf } from '../wire/error-record.js';
import type { InvokeRequest } from '../wire/messages.js';
import type { Send } from './send.js';

/** A capability that the plugin registered in this process. */
export interface HostedCapability {
  readonly kind: CapabilityKind;
  /** Its name in errors. */
  readonly label: string;
  readonly backend: Backend;
}

/** The connection between an invocation in the host and the one here that has the same id. */
export class HostedInvocation extends RemoteOrigin {
  readonly #stop = new AbortController();
  readonly #window = new FlowControlWindow();
  #onRoom: () => void = () => undefined;
  #isAnswered = false;
  #isPending = false;
  /** Its native code has returned, or has completed it, after it was given up. */
  #hasReturned = false;
  /** A `returned` message must follow. */
  #owesReturned = false;

  constructor(
    private readonly message: Pick<InvokeRequest, 'id' | 'chunks' | 'drain' | 'chainLength' | 'context'>,
    private readonly capability: HostedCapability,
    private readonly send: Send,
    /** Answers in the slot of the call. Returns false if that is not possible. */
    private readonly answerInMemory: (status: number, text: string) => boolean = () => false,
  ) {
    super(message.id, message.chainLength);
  }

  /** `begin` invokes, or adopts what runs already. Resolves when the answer was sent to the host; never rejects. */
  async run(begin: (options: InvokeOptions) => Promise<string>): Promise<void> {
    const { id } = this;
    const { chunks, drain, context } = this.message;
    try {
      const text = await begin({
        signal: this.#stop.signal,
        timeoutMs: Infinity, // the host enforces the deadline
        drain,
        parent: this,
        ...(context !== undefined && { context: parseContext(context) }),
        onPending: () => this.#onPending(),
        onReturned: () => this.#onReturned(),
        ...(chunks && { onChunk: (chunk: Chunk) => this.#onChunk(chunk) }),
      });
      if (!this.#answerInMemory(Status.OK, text)) this.send({ type: 'result', id }, text);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isAnswered = true;
      this.#onRoom();
    }
  }

  /** The slot is the host's again once it was told that the invocation is pending. */
  #answerInMemory(status: number, text: string): boolean {
    return !this.#isPending && this.answerInMemory(status, text);
  }

  cancel(): void {
    this.#stop.abort();
  }

  addCredit(chunks: number, bytes: number): void {
    this.#window.addRoom(chunks, bytes);
    this.#onRoom();
  }

  #onPending(): void {
    this.#isPending = true;
    this.send({ type: 'pending', id: this.id });
  }

  #fail(error: unknown): void {
    if (error instanceof InvocationError && error.code === 'ERR_INVOCATION_FAILED' && this.#answerInMemory(Status[error.status as StatusName], error.reason)) return;
    const capability = this.capability.label;
    const other = (thrown: unknown): InvocationError => failed({ capability }, 'FAILED', messageOf(thrown));
    const isGivenUp = error instanceof InvocationError && error.code === 'ERR_INVOCATION_CANCELLED';
    this.#owesReturned = isGivenUp && (error.stillRunning || this.#isPending) && !this.#hasReturned;
    this.send({ type: 'failure', id: this.id, error: recordOf(error, other), stillRunning: this.#owesReturned });
  }

  #onReturned(): void {
    this.#hasReturned = true;
    if (this.#owesReturned) this.send({ type: 'returned', id: this.id });
  }

  /** Waits for room in the window. Meanwhile the plugin's chunk queue fills, and the plugin is told when it is full. */
  async #onChunk({ tag, data }: Chunk): Promise<void> {
    while (!this.#window.hasRoom) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
      if (this.#isAnswered) return;
    }
    this.#window.take(Buffer.byteLength(data));
    this.send({ type: 'chunk', id: this.id, tag, isText: typeof data === 'string' }, data);
  }
}
