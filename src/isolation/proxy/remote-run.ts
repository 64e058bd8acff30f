import { Buffer } from 'node:buffer';
import type { Chunk } from '../../invocation/backend.js';
import type { Invocation } from '../../invocation/invocation.js';
import type { Measure } from '../../options/process-clock.js';
import { FlowControlWindow } from '../wire/flow-control-window.js';
import type { RegisteredCapability } from '../wire/messages.js';
import { utf8Of } from '../wire/utf8.js';
import type { ChildSession, InvocationMessage } from './child-session.js';
import type { SendQueue } from './send-queue.js';

export type RemoteInvocation = Invocation<RemoteRun>;

/** A chunk, and how many bytes of the flow-control window it used. */
export interface ArrivedChunk extends Chunk {
  readonly bytes: number;
}

/** The state of an invocation that was sent to a child. */
export interface Sent {
  readonly session: ChildSession;
  /** Its slot, if it went through the channel for calls. */
  readonly slot: number | undefined;
  /** See NumberedRequest. */
  readonly number: number;
  /** How long the child could run since then. */
  readonly ran: Measure;
  /** How long the invocation waited in the host before it was sent. */
  readonly waitedMs: number;
  /** What the child has reported. `failed`: the invocation was answered, but its native code is still running. */
  stage: 'sent' | 'pending' | 'failed';
}

/** The state of one invocation of a plugin in a child: in the host's queue, then in the child. */
export class RemoteRun {
  /** Removes it from the host's queue. */
  removeFromQueue: () => void = () => undefined;
  sent: Sent | undefined;
  /** Present while it is in the window of its queue: the size of its input. */
  windowBytes: number | undefined;
  isLate = false;
  /** The child from which it was taken back before it began. */
  takenBackFrom: ChildSession | undefined;
  /** Present after the deadline: cancels the timer that kills the child. */
  cancelKill: (() => void) | undefined;
  readonly window: FlowControlWindow;

  constructor(
    readonly queue: SendQueue,
    readonly capability: RegisteredCapability,
    /** Its index in the methods of the capability's kind. */
    readonly method: number,
    public input: string,
    id: number,
  ) {
    this.window = new FlowControlWindow((chunks, bytes) => this.sent?.session.child.send({ type: 'credit', id, chunks, bytes }));
  }
}

/** What is wrong with a message that does not follow the last one. */
export const outOfOrder = ({ type, id }: InvocationMessage, { stage }: Sent): string => `a ${type} of invocation ${id}, which is ${stage}`;

/** A chunk has arrived. Returns what is wrong with it, if anything. */
export function onChunk(invocation: RemoteInvocation, { tag, isText }: Extract<InvocationMessage, { type: 'chunk' }>, payload: Buffer): string | undefined {
  if (invocation.run?.window.take(payload.length) !== true) return 'more chunks than there was room for';
  const data = isText ? utf8Of(payload) : Buffer.from(payload);
  if (data === undefined) return 'a chunk of text that is not UTF-8';
  const chunk: ArrivedChunk = { tag, data, bytes: payload.length };
  invocation.chunk(chunk);
  return undefined;
}
