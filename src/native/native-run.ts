import type { Invocation } from '../invocation/invocation.js';
import type { CallFrame } from '../library/call-frame.js';
import type { NativeCall } from '../library/native-call.js';
import { takeSignalWords, type SignalWords } from '../library/signal-words.js'; // not the index: see native-driver.ts
import { errorOf, type Answer } from './answer.js';
import type { NativeCapability } from './native-capability.js';
import type { PluginQueue } from './runners/plugin-queue.js';
import type { Job, Ticket } from './runners/ticket.js';

export type FinalAnswer = Exclude<Answer, { kind: 'pending' }>;

/** What a run needs of its driver. */
export interface RunDriver {
  prepare(run: NativeRun): NativeCall | undefined;
  onReturn(run: NativeRun, status: number, left: () => void): void;
}

/** The driver's data for one invocation. */
export class NativeRun implements Job {
  /** The completion, if it came before `invoke` returned PENDING (rule 15). */
  parked: FinalAnswer | undefined;
  /** Its memory, once its turn has come. */
  frame: CallFrame | undefined;
  #queued: { readonly queue: PluginQueue; readonly ticket: Ticket } | undefined;

  constructor(
    readonly invocation: NativeInvocation,
    readonly capability: NativeCapability,
    readonly method: string,
    readonly input: string,
    private readonly driver: RunDriver,
    readonly signals: SignalWords = takeSignalWords(),
  ) {}

  enqueue(queue: PluginQueue): void {
    this.#queued = { queue, ticket: queue.enqueue(this) };
  }

  /** Returns false if its call has begun or is over. If true, it never begins. */
  takeBack(): boolean {
    const queued = this.#queued;
    this.#queued = undefined;
    return queued?.queue.takeBack(queued.ticket) ?? false;
  }

  prepare(): NativeCall | undefined {
    return this.driver.prepare(this);
  }

  onReturn(status: number, left: () => void): void {
    this.#queued = undefined;
    this.driver.onReturn(this, status, left);
  }
}

export type NativeInvocation = Invocation<NativeRun>;

export function answerWith(invocation: NativeInvocation, answer: FinalAnswer): void {
  if (answer.kind === 'ok') invocation.succeed(answer.text);
  else invocation.fail(errorOf(answer, invocation.callee));
}
