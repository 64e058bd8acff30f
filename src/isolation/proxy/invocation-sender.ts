import { messageOf } from '../../errors/index.js';
import { chainLength } from '../../invocation/call-chain.js';
import { contextJson } from '../../invocation/context.js';
import { invalidParameters } from '../../invocation/errors.js';
import { clockNow } from '../../options/deadline-clock.js';
import type { CallChannel, ChannelCall, OnReturn } from '../wire/call-channel.js';
import { methodNumber } from '../wire/slot-layout.js';
import { nextRequestNumber, type ChildSession } from './child-session.js';
import type { RemoteInvocation } from './remote-run.js';
import { SendQueue } from './send-queue.js';

export interface SenderEvents {
  /** Whether nothing new may be sent now. */
  mustWait(): boolean;
  /** Handles an answer that comes through the channel for calls. */
  onReturn(invocation: RemoteInvocation, session: ChildSession): OnReturn;
}

/** Sends the invocations of one plugin to its child: through the channel for calls where that is possible, otherwise by messages. */
export class InvocationSender {
  /** Absent while no child is ready. */
  #session: ChildSession | undefined;
  readonly #queue = new SendQueue();
  /** INLINE capabilities never block, so they need not wait for the plugin's threads. The child has a separate queue too. */
  readonly #inlineQueue = new SendQueue();

  constructor(
    /** The plugin's number in its child. */
    private readonly plugin: number,
    private readonly events: SenderEvents,
  ) {}

  /** How many threads of the child can run invocations at the same time. */
  set threads(count: number) {
    this.#queue.threads = count;
  }

  use(session: ChildSession | undefined): void {
    this.#session = session;
    this.flush();
  }

  queueFor(isInline: boolean): SendQueue {
    return isInline ? this.#inlineQueue : this.#queue;
  }

  /** Sends it when its turn comes. */
  enqueue(invocation: RemoteInvocation): void {
    const { queue } = invocation.run!;
    setLink(invocation, queue.waiting.push(invocation));
    this.flush();
  }

  leaveWindow({ run }: RemoteInvocation): void {
    if (run?.queue.leave(run) === true) this.flush();
  }

  readonly flush = (): void => {
    for (const queue of [this.#inlineQueue, this.#queue]) this.#flushQueue(queue);
  };

  #flushQueue(queue: SendQueue): void {
    while (!queue.waiting.isEmpty && queue.hasRoom) {
      const session = this.#session;
      if (session === undefined || session.child.isGone || this.events.mustWait()) return;
      const { backlog } = session.child;
      if (!backlog.hasRoom) {
        backlog.whenRoom(this.flush);
        return;
      }
      const invocation = queue.waiting.shift()!;
      if (this.#send(invocation, session)) continue;
      setLink(invocation, queue.waiting.pushFront(invocation));
      return;
    }
  }

  /** Returns false if it must wait until another has left the window. */
  #send(invocation: RemoteInvocation, session: ChildSession): boolean {
    const { queue, capability, input } = invocation.run!;
    const { calls } = session.child;
    const fits = calls?.fits(capability.index, input.length + (contextJson(invocation.context)?.length ?? 0)) === true;
    if (!queue.mayGo(fits ? 'channel' : 'message')) return false;
    if (fits) {
      if (this.#publish(invocation, session, calls)) return true;
      if (!queue.isWindowEmpty) return false;
    }
    this.#sendMessage(invocation, session);
    return true;
  }

  /** Sends it through shared memory at once, and waits on this thread for its answer, for `ms` at most. Returns why it cannot be sent. */
  sendAndWait(invocation: RemoteInvocation, onReturn: (session: ChildSession) => OnReturn, ms: number): string | undefined {
    const session = this.#session;
    const calls = session?.child.calls;
    if (session === undefined || calls?.publishAndWait === undefined || session.child.isGone) return 'its process is being started again';
    if (this.events.mustWait()) return 'a call of it has passed its deadline, and is still running';
    const { capability, input } = invocation.run!;
    const isSent = calls.fits(capability.index, input.length) && calls.publishAndWait(callOf(invocation), onReturn(session), ms, (slot) => this.#onPublished(invocation, session, slot));
    if (isSent) return undefined;
    return 'there is no room for it in the memory that its process shares';
  }

  /** Returns false if there is no room now. */
  #publish(invocation: RemoteInvocation, session: ChildSession, calls: CallChannel): boolean {
    const slot = calls.publish(callOf(invocation), this.events.onReturn(invocation, session));
    if (slot === undefined) return false;
    this.#onPublished(invocation, session, slot);
    return true;
  }

  #onPublished(invocation: RemoteInvocation, session: ChildSession, slot: number): void {
    const run = invocation.run!;
    run.queue.enter(run, run.input.length, 'channel');
    onSent(invocation, session, slot);
  }

  #sendMessage(invocation: RemoteInvocation, session: ChildSession): void {
    const run = invocation.run!;
    const { id, wantsChunks: chunks, drains: drain } = invocation;
    const { capability, method, input } = run;
    run.queue.enter(run, input.length, 'message');
    try {
      const chain = chainLength(invocation.parent);
      const context = contextJson(invocation.context);
      session.child.send({ type: 'invoke', id, plugin: this.plugin, capability: capability.index, method, chainLength: chain, chunks, drain, context }, input);
    } catch (cause) {
      invocation.fail(invalidParameters(invocation.callee, { expected: 'text that memory has room for', found: messageOf(cause) }, cause));
      invocation.over();
      this.leaveWindow(invocation);
      return;
    }
    onSent(invocation, session, undefined);
  }
}

function callOf(invocation: RemoteInvocation): ChannelCall {
  const { capability, method, input } = invocation.run!;
  const { index, kind, isInline = false } = capability;
  const { id, wantsChunks: chunks, drains: drain } = invocation;
  const context = contextJson(invocation.context);
  return { id, capability: index, method: methodNumber(kind, method), isInline, chunks, drain, chainLength: chainLength(invocation.parent), input, context };
}

function onSent(invocation: RemoteInvocation, session: ChildSession, slot: number | undefined): void {
  const run = invocation.run!;
  run.input = ''; // never sent twice: free the memory
  const waitedMs = invocation.timeoutMs - (invocation.deadline - clockNow());
  run.sent = { session, slot, number: nextRequestNumber(), ran: session.child.clock.measure(), waitedMs, stage: 'sent' };
  invocation.enter();
}

function setLink({ run }: RemoteInvocation, link: Parameters<SendQueue['waiting']['remove']>[0]): void {
  run!.removeFromQueue = () => void run!.queue.waiting.remove(link);
}
