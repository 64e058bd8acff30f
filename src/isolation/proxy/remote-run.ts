import type { Chunk } from '../../invocation/backend.js';
import type { Invocation } from '../../invocation/invocation.js';
import type { Measure } from '../../options/process-clock.js';
import { CreditAccount } from '../wire/credit-account.js';
import type { RegisteredCapability } from '../wire/messages.js';
import type { ChildSession } from './child-session.js';
import type { SendQueue } from './send-queue.js';

export type RemoteInvocation = Invocation<RemoteRun>;

/** A chunk, and how much of the way it took. */
export interface ArrivedChunk extends Chunk {
  readonly bytes: number;
}

/** What is kept of an invocation that was sent. */
export interface Sent {
  readonly session: ChildSession;
  /** See NumberedStep. */
  readonly number: number;
  /** The time in which its child could run since then. */
  readonly ran: Measure;
  /** How long it had waited before. */
  readonly waitedMs: number;
  /** What the child has said of it: `failed` is answered, and native code is still at it. */
  stage: 'sent' | 'pending' | 'failed';
}

/** What is kept of each invocation of a plugin in a child: where it waits in the host, and what has become of it there. */
export class RemoteRun {
  /** Takes it out of the host's queue. */
  takeBack: () => void = () => undefined;
  sent: Sent | undefined;
  isLate = false;
  /** Spares the child, which is killed otherwise: it is past its deadline. */
  spare: (() => void) | undefined;
  readonly credit: CreditAccount;

  constructor(
    readonly queue: SendQueue,
    readonly capability: RegisteredCapability,
    readonly method: string,
    public input: string,
    id: number,
  ) {
    this.credit = new CreditAccount((chunks, bytes) => this.sent?.session.child.send({ type: 'credit', id, chunks, bytes }));
  }
}
